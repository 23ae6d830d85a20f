// @ts-check
// Stepping from one case result to the next.

/** @import { CaseResult } from "./types.js" */

/**
 * The nearest result ahead that fits.
 *
 * @param {CaseResult[]} results
 * @param {string | undefined} name where to begin; before the first or after the last if it is not among them
 * @param {1 | -1} direction
 * @param {(result: CaseResult) => boolean} fits
 */
export function nextResult(results, name, direction, fits) {
  const ahead = direction > 0 ? results : [...results].reverse();
  return ahead.slice(ahead.findIndex((result) => result.name === name) + 1).find(fits);
}

/**
 * @template T
 * @param {T[]} items
 * @param {T} item
 * @param {1 | -1} direction
 */
export function nextInCircle(items, item, direction) {
  return items[(items.indexOf(item) + direction + items.length) % items.length];
}
