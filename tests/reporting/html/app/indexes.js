// @ts-check
// Indexes of small runs, as Python writes them.

/** @import { Comparison, Index, Label, ResultColumns, RunFacts } from "../../../../harness/reporting/html/app/types.js" */

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
 * @property {"s" | "m" | "g" | "n"} [answeredBy]
 * @property {number} [reply]
 * @property {[assertion: string, message: string]} [failure]
 * @property {Result} [result] what the repeats add up to; of the first trial of a case in a variant
 */
/**
 * @typedef {object} Result
 * @property {Label} [label]
 * @property {number} [repeats]
 * @property {number} [passed]
 * @property {number} [judged]
 * @property {number | null} [share]
 * @property {number} [chance]
 * @property {number} [distinctReplies]
 * @property {string} [reason]
 * @property {string} [flip]
 */

const LABELS = [
  { name: "passed", needs_attention: false, is_flaky: false }, { name: "failed", needs_attention: true, is_flaky: false },
  { name: "flaky", needs_attention: true, is_flaky: true }, { name: "flaky-allowed", needs_attention: false, is_flaky: true },
  { name: "errored", needs_attention: true, is_flaky: false }, { name: "xfailed", needs_attention: false, is_flaky: false },
  { name: "xpassed", needs_attention: false, is_flaky: false }, { name: "skipped", needs_attention: false, is_flaky: false },
  { name: "unjudged", needs_attention: false, is_flaky: false },
];
const FLIPS = ["changed", "still_failing", "moved", "newly_flaky", "fixed", "broken"].map((name) => (
  { name, title: name.replace("_", " "), meaning: `what ${name} means` }));
/** @type {Record<string, Label>} */
const WORDS = { p: "passed", f: "failed", e: "errored", s: "skipped", u: "unjudged", x: "xfailed" };

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
      answered_by: trial.answeredBy ?? "s",
      reply: trial.reply ?? -1, signature: trial.failure ? signatures.number(trial.failure) : -1,
    };
  });
  /** @param {string} name */
  const column = (name) => rows.map((row) => /** @type {any} */ (row)[name]);
  return {
    suites: suites.values, variants: variants.values, cases: cases.values, tags: tags.values,
    signatures: signatures.values, facts: [],
    labels: /** @type {Index["labels"]} */ (LABELS), flips: FLIPS, results: resultColumnsOf(trials, rows),
    chances: [], suffixes: variants.values.map((variant) => (variant === "default" ? "" : `[${variant}]`)),
    overview: {
      pass_rate: { share: null, cases: 0, percent: null, range: "[0, 100]", split: "0/0" }, needs_attention: 0, flaky: 0,
      latency_p50: null, latency_p95: null, cost: null, is_cost_whole: true, input_tokens: 0, output_tokens: 0,
    },
    cheapest: [],
    rows: {
      case: column("case"), variant: column("variant"), repeat: column("repeat"), outcome: column("outcome").join(""),
      score: column("score"), latency: column("latency"), first_token: column("first_token"), cost: column("cost"),
      tokens_in: column("tokens_in"), tokens_out: column("tokens_out"), attempts: column("attempts"),
      answered_by: column("answered_by").join(""),
      reply: column("reply"), signature: column("signature"),
    },
    attempts: {}, attempts_over_time: {}, limits: [], facts_of_run: FACTS, groups: [], metrics: [], computed: [],
    warnings: [], comparison: null, baseline_cases: [], chunks: { t: [], d: [], b: [] }, files: null, ...more,
  };
}

/**
 * A result for the first trial of each case in a variant: what the test says of it, or what one trial alone comes to.
 *
 * @param {Trial[]} trials
 * @param {{ case: number, variant: number, signature: number }[]} rows
 * @returns {ResultColumns}
 */
function resultColumnsOf(trials, rows) {
  const keys = rows.map((row) => `${row.case} ${row.variant}`);
  const firsts = rows.flatMap((row, trial) => (keys.indexOf(keys[trial]) === trial ? [{ row, trial: trials[trial] }] : []));
  const results = firsts.map(({ row, trial: { outcome = "p", result = {}, latency = null, cost = null, score = null } }) => ({
    ...row, latency, cost, score, repeats: 1, passed: outcome === "p" ? 1 : 0, judged: "pfex".includes(outcome) ? 1 : 0,
    share: outcome === "p" ? 1 : "fex".includes(outcome) ? 0 : null, chance: -1, distinct_replies: result.distinctReplies ?? 0, reason: null,
    ...result, label: LABELS.findIndex(({ name }) => name === (result.label ?? WORDS[outcome])),
    flip: FLIPS.findIndex(({ name }) => name === result.flip),
  }));
  /** @param {string} name */
  const column = (name) => results.map((result) => /** @type {any} */ (result)[name]);
  return {
    case: column("case"), variant: column("variant"), label: column("label"), repeats: column("repeats"),
    passed: column("passed"), judged: column("judged"), share: column("share"), chance: column("chance"),
    distinct_replies: column("distinct_replies"),
    score: column("score"), latency: column("latency"), cost: column("cost"), signature: column("signature"),
    reason: column("reason"), flip: column("flip"),
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
    verdict: "inconclusive", headline: "INCONCLUSIVE", refusals: [], factors: [], tone: "errored", remarks: [], is_part: false, moves: {}, changed_cases: [],
    ...lists,
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
