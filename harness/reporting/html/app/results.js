// @ts-check
// Case results, as Python computed them: this module only puts the columns of the index together.

/** @import { CaseResult, Flip, Index, Label, TrialOutcome } from "./types.js" */

/** @type {Record<TrialOutcome, Label>} */
const TRIAL_LABELS = {
  p: "passed", f: "failed", e: "errored", s: "skipped", u: "unjudged", x: "xfailed",
};

/**
 * @param {Index} index
 * @param {number} trial
 */
export function labelOfTrial({ rows }, trial) {
  return TRIAL_LABELS[/** @type {TrialOutcome} */ (rows.outcome[trial])];
}

/**
 * Whether a trial failed or errored; `xfail` may allow for it.
 *
 * @param {Index} index
 * @param {number} trial
 */
export function wentWrong({ rows }, trial) {
  return "fex".includes(rows.outcome[trial]);
}

/**
 * Return the case results in suite order.
 *
 * @param {Index} index
 * @returns {CaseResult[]}
 */
export function caseResults(index) {
  const { chances, labels, results } = index;
  const models = new Map(index.facts.map(([suite, variant, facts]) => [`${suite} ${variant}`, facts.model]));
  const trials = trialsByKey(index);
  return results.case.map((caseNumber, number) => {
    const variantNumber = results.variant[number];
    const [suiteNumber, id, line, tags] = index.cases[caseNumber];
    const [suite, path] = index.suites[suiteNumber];
    const label = labels[results.label[number]];
    return {
      number, name: `${suite}::${id}${index.suffixes[variantNumber]}`, suite, path, line, case: id, caseNumber,
      variant: index.variants[variantNumber], tags: index.tags[tags],
      model: String(models.get(`${suiteNumber} ${variantNumber}`) ?? ""),
      trials: trials.get(keyOf(index, caseNumber, variantNumber)) ?? [],
      label: label.name, needsAttention: label.needs_attention, isFlaky: label.is_flaky,
      repeats: results.repeats[number], passed: results.passed[number], judged: results.judged[number],
      share: results.share[number], chance: chances[results.chance[number]] ?? null,
      distinctReplies: results.distinct_replies[number],
      score: results.score[number], latency: results.latency[number], cost: results.cost[number],
      signature: results.signature[number], reason: results.reason[number],
      flip: flipOf(index, results.flip[number]),
    };
  });
}

/**
 * @param {Index} index
 * @returns {Map<number, number[]>}
 */
function trialsByKey(index) {
  const { rows } = index;
  /** @type {Map<number, number[]>} */
  const byKey = new Map();
  for (let trial = 0; trial < rows.case.length; trial += 1) {
    const key = keyOf(index, rows.case[trial], rows.variant[trial]);
    const trials = byKey.get(key);
    if (trials) trials.push(trial);
    else byKey.set(key, [trial]);
  }
  return byKey;
}

/**
 * @param {Index} index
 * @param {number} caseNumber
 * @param {number} variantNumber
 */
function keyOf({ variants }, caseNumber, variantNumber) {
  return caseNumber * variants.length + variantNumber;
}

/**
 * @param {Index} index
 * @param {number} number -1 if the case is in no list of the baseline
 * @returns {Flip | null}
 */
function flipOf({ flips }, number) {
  return number < 0 ? null : flips[number];
}

/**
 * @param {string} suite
 * @param {string} variant
 */
export function groupKey(suite, variant) {
  return JSON.stringify([suite, variant]);
}

/**
 * The case results whose repeats disagree, those nearest to half and half first.
 *
 * @param {CaseResult[]} results
 */
export function leastStable(results) {
  /** @param {CaseResult} result */
  const distance = (result) => Math.abs((result.share ?? 0) - 0.5);
  return results
    .filter((result) => result.isFlaky)
    .sort((one, other) => distance(one) - distance(other) || one.number - other.number);
}
