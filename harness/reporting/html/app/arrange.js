// @ts-check
// The order of a list of case results, and the headings in it.

/** @import { CaseResult, Heading, Index } from "./types.js" */
/** @typedef {[words: string, keyOf: ((result: CaseResult) => number) | null]} Sort */
/** @typedef {[words: string, headingOf: ((result: CaseResult, index: Index) => string) | null]} Grouping */

import { groupedBy } from "./grouping.js";
import { signatureText } from "./report.js";

// stands for what has no value: it comes last
const LAST = Number.MAX_VALUE;
const NOTHING_WRONG = "nothing wrong";

export const SORTS = new Map(/** @type {[string, Sort][]} */ ([
  ["order", ["suite order", null]],
  ["worst", ["worst first", (result) => (result.needsAttention ? -10 : 0) + (result.share ?? 2)]],
  ["slow", ["slowest first", (result) => (result.latency === null ? LAST : -result.latency)]],
  ["cost", ["dearest first", (result) => (result.cost === null ? LAST : -result.cost)]],
  ["score", ["lowest score", (result) => result.score ?? LAST]],
]));

export const GROUPINGS = new Map(/** @type {[string, Grouping][]} */ ([
  ["none", ["no groups", null]],
  ["suite", ["suite", (result) => result.suite]],
  ["variant", ["variant", (result) => result.variant]],
  ["tag", ["tag", (result) => result.tags.join(", ") || "no tag"]],
  ["assertion", ["assertion", (result, index) => index.signatures[result.signature]?.[0] ?? NOTHING_WRONG]],
  ["failure", ["failure", (result, index) => signatureText(index, result.signature) || NOTHING_WRONG]],
]));

/**
 * Sort and group; an unknown sort or grouping changes nothing.
 *
 * @param {Index} index
 * @param {CaseResult[]} results
 * @param {string} sort
 * @param {string} grouping
 * @returns {(CaseResult | Heading)[]}
 */
export function arranged(index, results, sort, grouping) {
  const keyOf = SORTS.get(sort)?.[1];
  const sorted = keyOf
    ? [...results].sort((one, other) => keyOf(one) - keyOf(other) || one.number - other.number)
    : results;
  const headingOf = GROUPINGS.get(grouping)?.[1];
  if (!headingOf) return sorted;
  return groupedBy(sorted, (result) => headingOf(result, index))
    .flatMap(([heading, inGroup]) => [{ heading, size: inGroup.length }, ...inGroup]);
}

/**
 * @param {CaseResult | Heading} item
 * @returns {item is Heading}
 */
export function isHeading(item) {
  return "heading" in item;
}

/**
 * The results with the highest values; those without one do not count.
 *
 * @param {CaseResult[]} results
 * @param {(result: CaseResult) => number | null} valueOf
 * @param {number} most
 */
export function highest(results, valueOf, most) {
  return results
    .filter((result) => valueOf(result) !== null)
    .sort((one, other) => (valueOf(other) ?? 0) - (valueOf(one) ?? 0))
    .slice(0, most);
}
