// @ts-check
// The language of the search box: words, "phrases", key:value, numbers with <, > and =, ! to negate.

/** @import { CaseResult, Report } from "./types.js" */
/** @typedef {(result: CaseResult, trial: number) => boolean} Test */
/** @typedef {(result: CaseResult, trial: number) => number | null} Measure */
/** @typedef {{ key: string, phrase?: string, pattern?: string, flags?: string, word?: string, negated: boolean }} Term */

import { signatureText } from "./report.js";
import { labelOfTrial } from "./results.js";

const FLIP_ALIASES = new Map([["flaky", "newly_flaky"], ["failing", "still_failing"]]);
// labels that only a whole case has; the others are outcomes of trials, and every case that has one of them
// as its label has such a trial
const LABELS_OF_CASES = ["flaky-allowed", "xpassed"];
// what a second colon follows is the name of a case: suite::case
const TERM = /(!?)((?:[a-z]+:(?!:))?)(?:"([^"]*)"|\/((?:\\.|[^\\/])*)\/(i?)|(\S+))/y;
const LIMIT = /^(<=|>=|<|>|=)?(-?\d+(?:\.\d+)?)(ms|s)?$/;

/** A query that cannot be read. */
export class SearchError extends Error {}

/**
 * @param {string} query
 * @returns {Term[]}
 */
export function parseQuery(query) {
  const terms = [];
  let rest = query.trim();
  while (rest) {
    TERM.lastIndex = 0;
    const match = TERM.exec(rest);
    if (!match) throw new SearchError(`“${rest}” cannot be read`);
    rest = rest.slice(TERM.lastIndex).trim();
    const [, sign, key, phrase, pattern, flags, word] = match;
    if (word?.includes('"')) throw new SearchError("a “\"” is missing");
    terms.push({ key: key.slice(0, -1), phrase, pattern, flags, word, negated: sign === "!" });
  }
  return terms;
}

/** Finds trials and case results of a report. */
export class Search {
  /** @param {Report} report */
  constructor(report) {
    this.report = report;
    this.lowerNames = report.results.map((result) => result.name.toLowerCase());
    this.lowerReasons = report.results.map((result) => (result.reason ?? "").toLowerCase());
    this.lowerSignatures = report.index.signatures.map((_, number) =>
      signatureText(report.index, number).toLowerCase());
    this.measures = measuresOf(report);
    this.texts = textsOf(report);
  }

  /**
   * The trials that match, in suite order.
   *
   * @param {string} query
   * @returns {number[]}
   */
  trials(query) {
    const tests = this.tests(query);
    const matches = [];
    for (let trial = 0; trial < this.report.trialCount; trial += 1) {
      const result = this.report.resultOfTrial[trial];
      if (tests.every((test) => test(result, trial))) matches.push(trial);
    }
    return matches;
  }

  /**
   * The case results of which a trial matches.
   *
   * @param {string} query
   * @returns {CaseResult[]}
   */
  results(query) {
    const tests = this.tests(query);
    if (!tests.length) return this.report.results;
    return this.report.results.filter((result) =>
      result.trials.some((trial) => tests.every((test) => test(result, trial))));
  }

  /**
   * @param {string} query
   * @returns {Test[]}
   */
  tests(query) {
    return parseQuery(query).map((term) => {
      const test = this.testOf(term);
      return term.negated ? (result, trial) => !test(result, trial) : test;
    });
  }

  /**
   * @param {Term} term
   * @returns {Test}
   */
  testOf({ key, phrase, pattern, flags = "", word }) {
    if (pattern !== undefined) {
      if (key === "re") return this.matches(pattern, flags);
      if (key) throw new SearchError(`“${key}:” takes no pattern`);
      return this.contains(`/${pattern}/${flags}`.toLowerCase());
    }
    const value = (phrase ?? word ?? "").toLowerCase();
    if (!key && phrase === undefined && value.length > 1 && value.startsWith("@")) {
      return ({ tags }) => tags.some((tag) => tag.toLowerCase() === value.slice(1));
    }
    if (!key && phrase === undefined && /^[a-z]+:$/.test(value)) {
      throw new SearchError(`“${value}” needs a value`);
    }
    if (!key) return this.contains(value);
    if (!value) throw new SearchError(`“${key}:” needs a value`);
    return this.keyed(key, value);
  }

  /**
   * @param {string} value
   * @returns {Test}
   */
  contains(value) {
    const { signature } = this.report.index.rows;
    return (result, trial) => this.lowerNames[result.number].includes(value)
      || this.lowerReasons[result.number].includes(value)
      || (signature[trial] >= 0 && this.lowerSignatures[signature[trial]].includes(value));
  }

  /**
   * @param {string} pattern
   * @param {string} flags
   * @returns {Test}
   */
  matches(pattern, flags) {
    const { index } = this.report;
    const expression = expressionOf(pattern, flags);
    return (result, trial) => expression.test(result.name) || expression.test(result.reason ?? "")
      || expression.test(signatureText(index, index.rows.signature[trial]));
  }

  /**
   * @param {string} key
   * @param {string} value
   * @returns {Test}
   */
  keyed(key, value) {
    if (key === "s") return outcomeTest(this.report, value);
    if (key === "flip") return flipTest(this.report, value);
    const measure = this.measures.get(key);
    if (measure) return measureTest(measure, key, value);
    const text = this.texts.get(key);
    if (text) return (result, trial) => text(result, trial).toLowerCase().includes(value);
    const keys = [...this.texts.keys(), "s", "flip", "re", ...this.measures.keys()];
    throw new SearchError(`no key “${key}:”: ${keys.join(", ")}`);
  }
}

/**
 * In what people write: seconds, USD, scores from 0 to 1.
 *
 * @param {Report} report
 * @returns {Map<string, Measure>}
 */
function measuresOf({ index: { rows } }) {
  /**
   * @param {number | null} value
   * @param {number} factor
   */
  const scaled = (value, factor) => (value === null ? null : value / factor);
  /**
   * @param {number | null} one
   * @param {number | null} other
   */
  const sum = (one, other) => (one === null || other === null ? null : one + other);
  return new Map([
    ["dur", (_result, trial) => scaled(rows.latency[trial], 1000)],
    ["cost", (_result, trial) => scaled(rows.cost[trial], 1e6)],
    ["tok", (_result, trial) => sum(rows.tokens_in[trial], rows.tokens_out[trial])],
    ["score", (_result, trial) => scaled(rows.score[trial], 1000)],
    ["rep", (result) => result.share],
    ["tries", (_result, trial) => rows.attempts[trial]],
  ]);
}

/**
 * @param {Report} report
 * @returns {Map<string, (result: CaseResult, trial: number) => string>}
 */
function textsOf({ index }) {
  return new Map([
    ["m", (result) => result.model],
    ["v", (result) => result.variant],
    ["suite", (result) => result.suite],
    ["case", (result) => result.case],
    ["a", (_result, trial) => index.signatures[index.rows.signature[trial]]?.[0] ?? ""],
  ]);
}

/**
 * @param {string} pattern
 * @param {string} flags
 */
function expressionOf(pattern, flags) {
  try {
    return new RegExp(pattern, flags);
  } catch (error) {
    throw new SearchError(`the pattern cannot be read: ${/** @type {Error} */ (error).message}`);
  }
}

/**
 * @param {Measure} measure
 * @param {string} key
 * @param {string} value
 * @returns {Test}
 */
function measureTest(measure, key, value) {
  const match = LIMIT.exec(value);
  if (!match || (match[3] && key !== "dur")) {
    throw new SearchError(`“${key}:${value}” cannot be read; write ${key}:>1`);
  }
  const [, sign = "=", digits, suffix] = match;
  const limit = Number(digits) / (suffix === "ms" ? 1000 : 1);
  return (result, trial) => {
    const one = measure(result, trial);
    return one !== null && compares(one, sign, limit);
  };
}

/**
 * @param {number} one
 * @param {string} sign
 * @param {number} limit
 */
function compares(one, sign, limit) {
  switch (sign) {
    case "<": return one < limit;
    case "<=": return one <= limit;
    case ">": return one > limit;
    case ">=": return one >= limit;
    default: return one === limit;
  }
}

/**
 * @param {Report} report
 * @param {string} value
 * @returns {Test}
 */
function outcomeTest({ index }, value) {
  if (value === "wrong") return (result) => result.needsAttention;
  if (value === "flaky") return (result) => result.isFlaky;
  if (LABELS_OF_CASES.includes(value)) return (result) => result.label === value;
  const names = index.labels.map(({ name }) => /** @type {string} */ (name));
  if (!names.includes(value)) throw new SearchError(`no outcome “${value}”: ${[...names, "wrong"].join(", ")}`);
  return (_result, trial) => labelOfTrial(index, trial) === value;
}

/**
 * @param {Report} report
 * @param {string} value
 * @returns {Test}
 */
function flipTest({ index }, value) {
  if (value === "any") return (result) => result.flip !== null;
  const wanted = FLIP_ALIASES.get(value) ?? value;
  const names = index.flips.map(({ name }) => name).reverse();
  if (!names.includes(wanted)) {
    throw new SearchError(`no change “${value}”: ${[...names, ...FLIP_ALIASES.keys(), "any"].join(", ")}`);
  }
  return (result) => result.flip?.name === wanted;
}
