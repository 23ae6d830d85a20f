// @ts-check
// Sums, means and quantiles of values of which some are missing.

/**
 * @template T
 * @param {(T | null | undefined)[]} values
 * @returns {T[]}
 */
export function present(values) {
  return /** @type {T[]} */ (values.filter((value) => value !== null && value !== undefined));
}

/** @param {(number | null)[]} values */
export function sum(values) {
  const numbers = present(values);
  return numbers.length ? numbers.reduce((one, other) => one + other, 0) : null;
}

/**
 * The value that a share of the values does not exceed.
 *
 * @param {number[]} sorted
 * @param {number} share
 */
export function quantile(sorted, share) {
  if (!sorted.length) return null;
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}
