// @ts-check
// Failures that have the same cause, as far as their messages show.

/** @import { CaseResult, FailureCluster, Report } from "./types.js" */

/**
 * The kinds of failure that count, the most frequent first.
 *
 * @param {Report} report
 * @returns {FailureCluster[]}
 */
export function failureClusters({ index, results }) {
  /** @type {Map<number, CaseResult[]>} */
  const bySignature = new Map();
  for (const result of results.filter(({ needsAttention }) => needsAttention)) {
    for (const signature of new Set(result.trials.map((trial) => index.rows.signature[trial]))) {
      const alike = bySignature.get(signature);
      if (alike) alike.push(result);
      else if (signature >= 0) bySignature.set(signature, [result]);
    }
  }
  return [...bySignature]
    .map(([signature, alike]) => {
      const [assertion, message] = index.signatures[signature];
      return { signature, assertion, message, results: alike };
    })
    .sort((one, other) => other.results.length - one.results.length || one.signature - other.signature);
}
