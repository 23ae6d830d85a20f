// @ts-check
// Numbers, times and words as people read them.

/** @import { Label, Rate } from "./types.js" */

/** @type {Record<Label, string>} */
export const LABEL_SIGNS = {
  passed: "✓", failed: "✗", flaky: "~", "flaky-allowed": "≈", errored: "!", xfailed: "x", xpassed: "X",
  skipped: "–", unjudged: "?",
};

const NOTHING = "–";
const NUMBERS = new Intl.NumberFormat("en");

/** @param {number} value */
export function count(value) {
  return NUMBERS.format(value);
}

/**
 * @param {number} value
 * @param {string} word
 */
export function plural(value, word, words = `${word}s`) {
  return `${count(value)} ${value === 1 ? word : words}`;
}

/**
 * The tokens of a request and its reply; what the service did not report is no number.
 *
 * @param {number | null} asked
 * @param {number | null} answered
 */
export function tokens(asked, answered) {
  if (asked === null && answered === null) return "tokens not reported";
  return `${[asked, answered].map((number) => (number === null ? "?" : count(number))).join(" + ")} tokens`;
}

/** @param {number | null | undefined} value */
export function milliseconds(value) {
  if (value === null || value === undefined) return NOTHING;
  const whole = Math.round(value);
  return whole < 1000 ? `${whole} ms` : `${(whole / 1000).toFixed(whole < 10000 ? 2 : 1)} s`;
}

/** @param {number | null | undefined} value */
export function seconds(value) {
  return value === null || value === undefined ? NOTHING : milliseconds(1000 * value);
}

/** @param {number | null | undefined} value in millionths of a USD */
export function dollars(value) {
  return value === null || value === undefined ? NOTHING : usd(value / 1e6);
}

/** @param {number | null} value */
export function usd(value) {
  return value === null ? NOTHING : `$${value.toFixed(value >= 1 ? 2 : value >= 0.01 ? 4 : 6)}`;
}

/** @param {number} share of work that is done */
export function percent(share) {
  return `${(100 * share).toFixed(0)} %`;
}

/** @param {Rate} value */
export function rate({ percent: words, range }) {
  return words === null ? NOTHING : `${words} ${range}`;
}

/** @param {string | null | undefined} iso */
export function moment(iso) {
  if (!iso) return "";
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? iso : date.toLocaleString();
}
