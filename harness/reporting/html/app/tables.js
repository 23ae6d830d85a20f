// @ts-check
// Trials as rows of tables, byte for byte as the command line writes them (tables.py).

/** @import { Index, Report, TableRow } from "./types.js" */
/** @typedef {{ head: string, row: (row: TableRow, isFirst: boolean) => string, tail: (isEmpty: boolean) => string }} TableFormat */

import { trialName } from "./report.js";
import { labelOfTrial, wentWrong } from "./results.js";

/** @type {(keyof TableRow)[]} */
const COLUMNS = [
  "id", "suite", "case", "variant", "repeat", "outcome", "score", "latency_seconds", "cost_usd",
  "input_tokens", "output_tokens", "attempts", "reason", "case_label",
  "answered_by",
];
/** @type {Record<string, string>} */
const ANSWERING = { s: "service", m: "simulator", g: "given", n: "" };
const SPREADSHEET_READS = /^[\s\u3000]*[=+\-@\t\r\n\0\uff1d\uff0b\uff0d\uff20]/;

const TRIALS_BETWEEN_REPORTS = 100;

/** @type {Record<string, TableFormat>} */
export const TABLE_FORMATS = {
  csv: {
    head: `${COLUMNS.join(",")}\r\n`, row: (row) => `${COLUMNS.map((name) => csvCell(row[name])).join(",")}\r\n`,
    tail: () => "",
  },
  json: {
    head: "", row: (row, isFirst) => `${isFirst ? "[\n" : ",\n"}  {\n${jsonFields(row, ": ").map((field) => `    ${field}`).join(",\n")}\n  }`,
    tail: (isEmpty) => (isEmpty ? "[]\n" : "\n]\n"),
  },
  jsonl: { head: "", row: (row) => `{${jsonFields(row, ":").join(",")}}\n`, tail: () => "" },
  md: {
    head: "| id | outcome | reason |\n|---|---|---|\n",
    row: (row) => `| ${escapeMarkdown(row.id)} | ${row.outcome} | ${escapeMarkdown(row.reason)} |\n`, tail: () => "",
  },
};

/**
 * The table of trials, in pieces.
 *
 * Reasons are read trial by trial, so that memory holds the table and a few blocks of details.
 *
 * @param {Report} report
 * @param {number[]} trials in suite order
 * @param {TableFormat} format
 * @param {(trial: number) => Promise<string>} reasonOf
 * @param {(share: number) => void} progress is given how much is done, from 0 to 1
 * @returns {Promise<string[]>}
 */
export async function tablePieces(report, trials, format, reasonOf, progress) {
  const pieces = [format.head];
  for (const [position, trial] of trials.entries()) {
    const reason = wentWrong(report.index, trial) ? await reasonOf(trial) : "";
    pieces.push(wellFormed(format.row(tableRow(report, trial, reason), position === 0)));
    if (position % TRIALS_BETWEEN_REPORTS === 0) progress(position / trials.length);
  }
  pieces.push(format.tail(trials.length === 0));
  return pieces;
}

/**
 * @param {Report} report
 * @param {number} trial
 * @param {string} reason why the trial failed or errored
 * @returns {TableRow}
 */
export function tableRow(report, trial, reason) {
  const { index } = report;
  const { rows } = index;
  const result = report.resultOfTrial[trial];
  return {
    id: trialName(report, trial), suite: result.suite, case: result.case, variant: result.variant,
    repeat: rows.repeat[trial], outcome: labelOfTrial(index, trial),
    score: scaled(rows.score[trial], 1000), latency_seconds: scaled(rows.latency[trial], 1000),
    cost_usd: scaled(rows.cost[trial], 1e6), input_tokens: rows.tokens_in[trial],
    output_tokens: rows.tokens_out[trial], attempts: rows.attempts[trial],
    reason, case_label: result.label, answered_by: answeredBy(index, trial),
  };
}

/**
 * @param {Index} index
 * @param {number} trial
 */
function answeredBy(index, trial) {
  const letter = index.rows.answered_by[trial];
  return ANSWERING[letter === "s" && index.facts_of_run.simulated ? "m" : letter];
}

/**
 * @param {number | null} value
 * @param {number} factor
 */
function scaled(value, factor) {
  return value === null ? null : value / factor;
}

/**
 * @param {TableRow} row
 * @param {string} separator
 */
function jsonFields(row, separator) {
  return COLUMNS.map((name) => `${JSON.stringify(name)}${separator}${jsonValue(row[name])}`);
}

/**
 * Python writes numbers below 0.0001 with an exponent of two digits.
 *
 * @param {string | number | null} value
 */
function jsonValue(value) {
  if (typeof value !== "number" || value === 0 || Math.abs(value) >= 1e-4) return JSON.stringify(value);
  return value.toExponential().replace(/e-(\d)$/, "e-0$1");
}

/**
 * A lone surrogate has no bytes in UTF-8: it is written out, as Python's `backslashreplace` does.
 *
 * @param {string} text
 */
function wellFormed(text) {
  return text.replace(/\p{Surrogate}/gu, (sign) => `\\u${sign.charCodeAt(0).toString(16)}`);
}

/**
 * RFC 4180; a text that a spreadsheet would read as a formula gets an apostrophe (OWASP).
 *
 * @param {string | number | null} value
 */
export function csvCell(value) {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  const safe = SPREADSHEET_READS.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** @param {string} text */
export function escapeMarkdown(text) {
  return text.replace(/\s+/g, " ").replace(/[\\`*_{}[\]|#~<>]/g, (sign) => `\\${sign}`);
}
