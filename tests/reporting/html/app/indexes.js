// @ts-check
// Indexes of small runs, as Python writes them.

/** @import { Comparison, Index, RunFacts } from "../../../../harness/reporting/html/app/types.js" */

import { makeReport } from "../../../../harness/reporting/html/app/report.js";

/**
 * @typedef {object} Trial
 * @property {string} [suite]
 * @property {string} [case]
 * @property {string} [variant]
 * @property {number} [repeat]
 * @property {string} [outcome] a letter
 * @property {number} [passRate]
 * @property {string[]} [tags]
 * @property {number | null} [score]
 * @property {number | null} [latency]
 * @property {number | null} [cost]
 * @property {number} [tokensIn]
 * @property {number} [tokensOut]
 * @property {number} [attempts]
 * @property {number} [reply]
 * @property {[assertion: string, message: string]} [failure]
 */

/** @type {RunFacts} */
const FACTS = {
  id: "run-1", started: "2026-11-01T10:15:00+00:00", harness: "0.1.0", git: null, command: null, settings: null,
  suites: null, options: null, merged: null, simulated: false, kind: "passed", sign: "✓", verdict: "Passed",
  exit_code: 0, stopped: null, seconds: 1, totals: "",
};

/**
 * @param {Trial[]} trials
 * @param {Partial<Index>} more
 * @returns {Index}
 */
export function indexOf(trials, more = {}) {
  const [suites, variants, cases, tags, signatures] = [new Numbers(), new Numbers(), new Numbers(), new Numbers(), new Numbers()];
  const rows = trials.map((trial) => {
    const { suite = "desk", case: id = "refund", variant = "default", passRate = 1 } = trial;
    const suiteNumber = suites.number([suite, `${suite}.suite.yaml`]);
    return {
      case: cases.number([suiteNumber, id, 10, tags.number(trial.tags ?? []), passRate]),
      variant: variants.number(variant), repeat: trial.repeat ?? 1, outcome: trial.outcome ?? "p",
      score: trial.score ?? null, latency: trial.latency ?? null, first_token: null, cost: trial.cost ?? null,
      tokens_in: trial.tokensIn ?? 0, tokens_out: trial.tokensOut ?? 0, attempts: trial.attempts ?? 1,
      reply: trial.reply ?? -1, signature: trial.failure ? signatures.number(trial.failure) : -1,
    };
  });
  /** @param {string} name */
  const column = (name) => rows.map((row) => /** @type {any} */ (row)[name]);
  return {
    suites: suites.values, variants: variants.values, cases: cases.values, tags: tags.values,
    signatures: signatures.values, facts: [],
    rows: {
      case: column("case"), variant: column("variant"), repeat: column("repeat"), outcome: column("outcome").join(""),
      score: column("score"), latency: column("latency"), first_token: column("first_token"), cost: column("cost"),
      tokens_in: column("tokens_in"), tokens_out: column("tokens_out"), attempts: column("attempts"),
      reply: column("reply"), signature: column("signature"),
    },
    attempts: {}, attempts_over_time: {}, limits: [], facts_of_run: FACTS, groups: [], metrics: [], computed: [],
    warnings: [], comparison: null, before: [], chunks: { t: [], d: [], b: [] }, files: null, ...more,
  };
}

/**
 * @param {Trial[]} trials
 * @param {Partial<Index>} more
 */
export function reportOf(trials, more = {}) {
  return makeReport(indexOf(trials, more));
}

/**
 * @param {Partial<Comparison>} lists
 * @returns {Comparison}
 */
export function comparisonOf(lists) {
  return {
    verdict: "inconclusive", variant: "", refusals: [], factors: [], p: 1, family: 1, power: "",
    pass_rate: { difference: 0, p: 1, interval: null }, by_repeats: null,
    broken: [], fixed: [], newly_flaky: [], still_failing: [], ...lists,
  };
}

/** Gives each value a number, in the order in which they come. */
class Numbers {
  constructor() {
    /** @type {any[]} */
    this.values = [];
  }

  /** @param {unknown} value */
  number(value) {
    const written = JSON.stringify(value);
    const number = this.values.findIndex((other) => JSON.stringify(other) === written);
    return number < 0 ? this.values.push(value) - 1 : number;
  }
}
