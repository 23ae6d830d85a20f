// @ts-check
// What all pages show: the index, and the case results made from it.

/** @import { CaseResult, Index, Report } from "./types.js" */

import { groupedBy } from "./grouping.js";
import { caseResults, flipCounts, groupKey } from "./results.js";

/**
 * @param {Index} index
 * @returns {Report}
 */
export function makeReport(index) {
  const results = caseResults(index);
  /** @type {CaseResult[]} */
  const resultOfTrial = new Array(index.rows.case.length);
  for (const result of results) {
    for (const trial of result.trials) resultOfTrial[trial] = result;
  }
  return {
    index, results, resultOfTrial, facts: index.facts_of_run, comparison: index.comparison,
    trialCount: resultOfTrial.length, resultByName: new Map(results.map((result) => [result.name, result])),
    groups: new Map(index.groups.map((group) => [groupKey(group.suite, group.variant), group])),
    flipCounts: flipCounts(results),
  };
}

/**
 * The results of the same case in all variants.
 *
 * @param {Report} report
 * @param {CaseResult} result
 */
export function variantsOf({ results }, result) {
  return results.filter((other) => other.caseNumber === result.caseNumber);
}

/**
 * @param {Report} report
 * @param {number} trial
 */
export function trialName({ index, resultOfTrial }, trial) {
  const { name, trials } = resultOfTrial[trial];
  return trials.length > 1 ? `${name}#${index.rows.repeat[trial]}` : name;
}

/**
 * The assertion that went wrong and its message; nothing if none did.
 *
 * @param {Index} index
 * @param {number} signature
 */
export function signatureText(index, signature) {
  return signature < 0 ? "" : index.signatures[signature].join(": ");
}

/**
 * The trial that a link asks for, or else the first that went wrong.
 *
 * @param {Report} report
 * @param {CaseResult} result
 * @param {string | number | undefined} repeat
 */
export function chosenTrial({ index: { rows } }, { trials }, repeat) {
  return trials.find((trial) => String(rows.repeat[trial]) === String(repeat))
    ?? trials.find((trial) => "fe".includes(rows.outcome[trial])) ?? trials[0];
}

/**
 * Repeats that said the same, together.
 *
 * @param {Report} report
 * @param {CaseResult} result
 * @returns {number[][]}
 */
export function trialsByReply({ index: { rows } }, { trials }) {
  return groupedBy(trials, (trial) =>
    rows.reply[trial] < 0 ? `none ${rows.signature[trial]}` : `${rows.reply[trial]}`).map(([, same]) => same);
}
