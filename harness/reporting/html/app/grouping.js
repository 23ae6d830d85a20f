// @ts-check
// Items that belong together.

/**
 * Items under their keys, both in the order in which they come.
 *
 * @template T
 * @param {T[]} items
 * @param {(item: T, position: number) => string} keyOf
 * @returns {[key: string, items: T[]][]}
 */
export function groupedBy(items, keyOf) {
  /** @type {Map<string, T[]>} */
  const groups = new Map();
  items.forEach((item, position) => {
    const key = keyOf(item, position);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  });
  return [...groups];
}
