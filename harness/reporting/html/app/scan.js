// @ts-check
// Searching in the texts of a packed block.

/** @import { ScanTask, Wanted } from "./types.js" */

import { inflated } from "./unpack.js";

/**
 * The numbers of the items that contain a text, or refer to a shared text that does.
 *
 * @param {ScanTask} task
 * @returns {Promise<number[]>}
 */
export async function scan({ start, block, wanted }) {
  const json = await inflated(block);
  // parsing JSON takes far longer than searching it as text
  const written = JSON.stringify(wanted.text).slice(1, -1);
  const mayRefer = wanted.shared.size > 0 && json.includes('"$text"');
  if (!mayRefer && !json.toLowerCase().includes(written)) return [];
  /** @type {unknown[]} */
  const items = JSON.parse(json);
  return items.flatMap((item, position) => (contains(item, wanted) ? [start + position] : []));
}

/**
 * @param {unknown} value
 * @param {Wanted} wanted
 * @returns {boolean}
 */
export function contains(value, wanted) {
  if (typeof value === "string") return value.toLowerCase().includes(wanted.text);
  if (Array.isArray(value)) return value.some((item) => contains(item, wanted));
  if (value === null || typeof value !== "object") return false;
  if ("$text" in value) return wanted.shared.has(Number(value.$text));
  return Object.values(value).some((item) => contains(item, wanted));
}
