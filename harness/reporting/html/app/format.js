// @ts-check
// Numbers, times and words as people read them.

/** @import { Flip, Label, Rate } from "./types.js" */

/** @type {Record<Label, string>} */
export const LABEL_WORDS = {
  p: "passed", f: "failed", e: "errored", s: "skipped", u: "unjudged", x: "xfailed", y: "flaky",
};
/** @type {Record<Label, string>} */
export const LABEL_SIGNS = { p: "✓", f: "✗", e: "!", s: "–", u: "?", x: "✓", y: "~" };
/** @type {Record<Flip, string>} */
export const FLIP_WORDS = {
  broken: "broken", fixed: "fixed", newly_flaky: "newly flaky", still_failing: "still failing",
  changed: "says something else",
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
  if (value === null || value === undefined) return NOTHING;
  const usd = value / 1e6;
  return `$${usd.toFixed(usd >= 1 ? 2 : usd >= 0.01 ? 4 : 6)}`;
}

/** @param {number | null | undefined} share */
export function percent(share) {
  return share === null || share === undefined ? NOTHING : `${wholePercent(share)} %`;
}

/** @param {number} share */
export function wholePercent(share) {
  return (100 * share).toFixed(0);
}

/** @param {Rate | null | undefined} value */
export function rate(value) {
  if (!value || value.share === null) return NOTHING;
  const [low, high] = value.interval.map(wholePercent);
  return `${percent(value.share)} [${low}–${high}]`;
}

/** @param {number} share a difference of shares, in percentage points */
export function points(share) {
  return `${share >= 0 ? "+" : "−"}${Math.abs(100 * share).toFixed(1)}`;
}

/** @param {string | null | undefined} iso */
export function moment(iso) {
  if (!iso) return "";
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? iso : date.toLocaleString();
}
