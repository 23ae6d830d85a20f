// Numbers, times and words as people read them.

const { html, render, useEffect, useLayoutEffect, useMemo, useRef, useState } = htmPreact;

const WORDS = {
  p: "passed", f: "failed", e: "errored", s: "skipped", u: "unjudged", x: "xfailed", y: "flaky",
};
const SIGNS = { p: "✓", f: "✗", e: "!", s: "–", u: "?", x: "✓", y: "~" };

const numbers = new Intl.NumberFormat("en");

function count(value) {
  return numbers.format(value);
}

function plural(value, word) {
  return `${count(value)} ${word}${value === 1 ? "" : "s"}`;
}

function milliseconds(value) {
  if (value === null || value === undefined) return "–";
  return value < 1000 ? `${value} ms` : `${(value / 1000).toFixed(value < 10000 ? 2 : 1)} s`;
}

function seconds(value) {
  return value === null || value === undefined ? "–" : milliseconds(Math.round(1000 * value));
}

// Costs are kept in millionths of a USD.
function dollars(value) {
  if (value === null || value === undefined) return "–";
  const usd = value / 1e6;
  return `$${usd.toFixed(usd >= 1 ? 2 : usd >= 0.01 ? 4 : 6)}`;
}

function percent(share) {
  return share === null || share === undefined ? "–" : `${(100 * share).toFixed(0)} %`;
}

function rate(value) {
  if (!value || value.share === null) return "–";
  const [low, high] = value.interval.map((end) => (100 * end).toFixed(0));
  return `${(100 * value.share).toFixed(0)} % [${low}–${high}]`;
}

function moment(iso) {
  if (!iso) return "";
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? iso : date.toLocaleString();
}

// A word for the shell, so that a command can be pasted.
function quoted(word) {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'"'"'`)}'`;
}

// Wilson (1927), as the summary on the command line computes it.
function wilson(passed, judged) {
  if (!judged) return { share: null, interval: [0, 1] };
  const z = 1.959963984540054;
  const share = passed / judged;
  const middle = (share + (z * z) / (2 * judged)) / (1 + (z * z) / judged);
  const spread = Math.sqrt((share * (1 - share)) / judged + (z * z) / (4 * judged * judged));
  const half = (z / (1 + (z * z) / judged)) * spread;
  return { share, interval: [Math.max(0, middle - half), Math.min(1, middle + half)] };
}

function quantile(sorted, share) {
  if (!sorted.length) return null;
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}
