// @ts-check
// What all pages show: the index, and the case results made from it.

/** @import { CaseResult, ChangedCase, Comparison, Index, Report } from "./types.js" */

import { groupedBy } from "./grouping.js";
import { caseResults, groupKey, wentWrong } from "./results.js";

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
  const { name, repeats } = resultOfTrial[trial];
  return repeats > 1 ? `${name}#${index.rows.repeat[trial]}` : name;
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
export function chosenTrial({ index }, { trials }, repeat) {
  return trials.find((trial) => String(index.rows.repeat[trial]) === String(repeat))
    ?? trials.find((trial) => wentWrong(index, trial)) ?? trials[0];
}

/**
 * Trials with the same reply, together, and those without one by what went wrong.
 *
 * Numbers of replies are equal if all turns and tool calls are; texts alone would not show that.
 *
 * @param {Report} report
 * @param {CaseResult} result
 * @returns {{ hasReply: boolean, trials: number[] }[]}
 */
export function trialsByReply({ index: { rows } }, { trials }) {
  const groups = groupedBy(trials, (trial) =>
    rows.reply[trial] < 0 ? `none ${rows.signature[trial]}` : `${rows.reply[trial]}`);
  return groups.map(([, same]) => ({ hasReply: rows.reply[same[0]] >= 0, trials: same }));
}

/**
 * The cases in one list of a baseline, as far as the runs are comparable: a terminal lists no others either.
 *
 * @param {Comparison[]} comparisons
 * @param {string} flip the name of the list
 * @returns {ChangedCase[]}
 */
export function changedCases(comparisons, flip) {
  return comparisons.filter(({ refusals, is_part: isPart }) => !refusals.length && !isPart).flatMap(({ changed_cases: changed, moves }) => {
    if (flip === "changed") return changed.map((name) => /** @type {ChangedCase} */ ({ name, move: null }));
    return (moves[flip] ?? []).map((move) => /** @type {ChangedCase} */ ({ name: move.name, move }));
  });
}
