// @ts-check
// How values are distributed, in bins of equal width.

/**
 * @param {number[]} sorted
 * @param {number} bins
 * @returns {number[]} how many values are in each
 */
export function binCounts(sorted, bins) {
  const counts = new Array(bins).fill(0);
  const [low, high] = [sorted[0], sorted[sorted.length - 1]];
  const width = Math.max(1, (high - low) / bins);
  for (const value of sorted) counts[Math.min(bins - 1, Math.floor((value - low) / width))] += 1;
  return counts;
}
