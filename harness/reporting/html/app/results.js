// @ts-check
// The one place where outcomes are computed: case results and their figures, from the columns of the index.

/**
 * @import { BaselineComparison, CaseResult, Flip, FlipCounts, Group, Index, Label, OverviewFigures } from "./types.js"
 */

import { mean, present, quantile, sum } from "./statistics.js";

const Z_95 = 1.959963984540054;
// a share such as 0.1 + 0.2 must not miss the pass_rate by a rounding error
const TOLERANCE = 1e-9;
/** @type {("still_failing" | "newly_flaky" | "fixed" | "broken")[]} */
const FLIP_LISTS = ["still_failing", "newly_flaky", "fixed", "broken"];

/**
 * Return the case results in suite order.
 *
 * @param {Index} index
 * @returns {CaseResult[]}
 */
export function caseResults(index) {
  const flips = flipByName(index.comparison);
  const models = new Map(index.facts.map(([suite, variant, facts]) => [`${suite} ${variant}`, facts.model]));
  return trialsOfResults(index).map((trials, number) => {
    const { case: caseNumber, variant: variantNumber } = firstOf(index, trials);
    const [suiteNumber, id, line, tags, passRate] = index.cases[caseNumber];
    const [suite, path] = index.suites[suiteNumber];
    const variant = index.variants[variantNumber];
    const name = `${suite}::${id}${variantSuffix(variant)}`;
    return {
      number, name, suite, path, line, case: id, caseNumber, variant, tags: index.tags[tags], trials,
      model: String(models.get(`${suiteNumber} ${variantNumber}`) ?? ""),
      flip: flips.get(name) ?? null,
      ...outcomesOf(index, trials, passRate),
      ...measuresOf(index, trials),
    };
  });
}

/** @param {string} variant */
export function variantSuffix(variant) {
  return variant === "default" ? "" : `[${variant}]`;
}

/**
 * @param {Index} index
 * @returns {number[][]}
 */
function trialsOfResults({ rows, variants }) {
  /** @type {Map<number, number[]>} */
  const byKey = new Map();
  for (let trial = 0; trial < rows.case.length; trial += 1) {
    const key = rows.case[trial] * variants.length + rows.variant[trial];
    const trials = byKey.get(key);
    if (trials) trials.push(trial);
    else byKey.set(key, [trial]);
  }
  return [...byKey.values()];
}

/**
 * @param {Index} index
 * @param {number[]} trials
 */
function firstOf({ rows }, [trial]) {
  return { case: rows.case[trial], variant: rows.variant[trial] };
}

/**
 * @param {Index} index
 * @param {number[]} trials
 * @param {number} passRate
 */
function outcomesOf({ rows }, trials, passRate) {
  const letters = trials.map((trial) => rows.outcome[trial]);
  const passed = letters.filter((letter) => letter === "p").length;
  const judged = letters.filter((letter) => "pfe".includes(letter)).length;
  const passShare = judged ? passed / judged : null;
  const isBelow = passShare !== null && passShare < passRate - TOLERANCE;
  return {
    passed, judged, passShare, label: labelOf(letters, passed, judged),
    isWrong: letters.includes("e") || isBelow,
  };
}

/**
 * @param {string[]} letters
 * @param {number} passed
 * @param {number} judged
 * @returns {Label}
 */
function labelOf(letters, passed, judged) {
  if (passed > 0 && passed < judged) return "y";
  /** @type {Label[]} */
  const byWeight = ["e", "f", "p", "x", "u", "s"];
  return byWeight.find((letter) => letters.includes(letter)) ?? "u";
}

/**
 * @param {Index} index
 * @param {number[]} trials
 */
function measuresOf({ rows }, trials) {
  /** @param {(number | null)[]} column */
  const values = (column) => trials.map((trial) => column[trial]);
  return {
    distinctReplies: new Set(values(rows.reply).filter((reply) => reply !== null && reply >= 0)).size,
    latency: mean(values(rows.latency)),
    cost: sum(values(rows.cost)),
    score: mean(values(rows.score)),
    signature: values(rows.signature).find((signature) => signature !== null && signature >= 0) ?? -1,
  };
}

/**
 * What changed since the baseline; where several comparisons name a case result, the last one counts.
 *
 * @param {BaselineComparison | null} comparison
 * @returns {Map<string, Flip>}
 */
export function flipByName(comparison) {
  /** @type {Map<string, Flip>} */
  const flips = new Map();
  for (const one of comparison?.comparisons ?? []) {
    for (const flip of FLIP_LISTS) {
      for (const name of one[flip]) flips.set(name, flip);
    }
    for (const name of one.changed_cases ?? []) {
      if (!flips.has(name)) flips.set(name, "changed");
    }
  }
  return flips;
}

/**
 * @param {Index} index
 * @param {CaseResult[]} results
 * @returns {OverviewFigures}
 */
export function overviewFigures({ rows }, results) {
  const shares = present(results.map((result) => result.passShare));
  const agree = shares.every((share) => share === 0 || share === 1);
  const passRate = mean(shares);
  const latencies = present(rows.latency).sort((one, other) => one - other);
  return {
    judgedCases: shares.length, passRate,
    interval: agree && passRate !== null ? wilsonInterval(Math.round(passRate * shares.length), shares.length) : null,
    wrong: results.filter((result) => result.isWrong).length,
    flaky: results.filter((result) => result.label === "y").length,
    latencyP50: quantile(latencies, 0.5), latencyP95: quantile(latencies, 0.95),
    cost: sum(rows.cost), tokensIn: sum(rows.tokens_in) ?? 0, tokensOut: sum(rows.tokens_out) ?? 0,
  };
}

/**
 * The interval of a share, as the summary on the command line computes it (Wilson, 1927).
 *
 * @param {number} passed
 * @param {number} judged
 * @returns {[low: number, high: number]}
 */
export function wilsonInterval(passed, judged) {
  if (!judged) return [0, 1];
  const share = passed / judged;
  const scale = 1 + (Z_95 * Z_95) / judged;
  const middle = (share + (Z_95 * Z_95) / (2 * judged)) / scale;
  const half = (Z_95 / scale) * Math.sqrt((share * (1 - share)) / judged + (Z_95 * Z_95) / (4 * judged * judged));
  return [Math.max(0, middle - half), Math.min(1, middle + half)];
}

/**
 * How many case results broke and how many are fixed, by suite and variant.
 *
 * @param {CaseResult[]} results
 * @returns {Map<string, FlipCounts>}
 */
export function flipCounts(results) {
  /** @type {Map<string, FlipCounts>} */
  const counts = new Map();
  for (const { suite, variant, flip } of results) {
    if (flip !== "broken" && flip !== "fixed") continue;
    const key = groupKey(suite, variant);
    const before = counts.get(key) ?? { broken: 0, fixed: 0 };
    counts.set(key, { ...before, [flip]: before[flip] + 1 });
  }
  return counts;
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
  const distance = (result) => Math.abs((result.passShare ?? 0) - 0.5);
  return results
    .filter((result) => result.label === "y")
    .sort((one, other) => distance(one) - distance(other) || one.number - other.number);
}

/**
 * The cheapest variant of each suite whose interval of the pass rate reaches that of the best one.
 *
 * @param {Group[]} groups
 * @returns {{ suite: string, cheapest: Group, best: Group }[]}
 */
export function cheapestVariants(groups) {
  const priced = groups.filter((group) => group.cost && group.pass_rate.share !== null);
  const suites = [...new Set(priced.map((group) => group.suite))];
  return suites
    .map((suite) => priced.filter((group) => group.suite === suite))
    .filter((inSuite) => inSuite.length > 1)
    .map((inSuite) => {
      const best = inSuite.reduce((one, other) => (shareOf(other) > shareOf(one) ? other : one));
      const [low] = best.pass_rate.interval;
      const equal = inSuite.filter((group) => group.pass_rate.interval[1] >= low && shareOf(group) >= low);
      const cheapest = equal.reduce((one, other) => (costPerTrial(other) < costPerTrial(one) ? other : one));
      return { suite: best.suite, cheapest, best };
    });
}

/**
 * @param {Group} group
 * @returns {number} in USD
 */
export function costPerTrial(group) {
  return (group.cost ?? 0) / group.trials;
}

/** @param {Group} group */
function shareOf(group) {
  return group.pass_rate.share ?? 0;
}
