// @ts-check
// Trials as rows of tables, in the formats that the command line writes too.

/** @import { Report, TableRow } from "./types.js" */

import { LABEL_WORDS } from "./format.js";
import { signatureText, trialName } from "./report.js";

/** @type {(keyof TableRow)[]} */
const COLUMNS = [
  "id", "suite", "case", "variant", "repeat", "outcome", "score", "latency_seconds", "cost_usd",
  "input_tokens", "output_tokens", "attempts", "reason",
];
const SPREADSHEET_READS = /^[\s\u3000]*[=+\-@\t\r\n\0\uff1d\uff0b\uff0d\uff20]/;

/** @type {Record<string, (rows: TableRow[]) => string>} */
export const TABLE_FORMATS = {
  csv: (rows) => [COLUMNS, ...rows.map((row) => COLUMNS.map((name) => row[name]))]
    .map((cells) => `${cells.map(csvCell).join(",")}\r\n`).join(""),
  json: (rows) => `${JSON.stringify(rows, null, 2)}\n`,
  jsonl: (rows) => rows.map((row) => `${JSON.stringify(row)}\n`).join(""),
  md: (rows) => ["| id | outcome | reason |", "|---|---|---|",
    ...rows.map((row) => `| ${escapeMarkdown(row.id)} | ${row.outcome} | ${escapeMarkdown(row.reason)} |`),
  ].map((line) => `${line}\n`).join(""),
};

/**
 * @param {Report} report
 * @param {number} trial
 * @returns {TableRow}
 */
export function tableRow(report, trial) {
  const { rows } = report.index;
  const result = report.resultOfTrial[trial];
  /**
   * @param {number | null} value
   * @param {number} factor
   */
  const scaled = (value, factor) => (value === null ? null : value / factor);
  return {
    id: trialName(report, trial), suite: result.suite, case: result.case, variant: result.variant,
    repeat: rows.repeat[trial],
    outcome: LABEL_WORDS[/** @type {keyof LABEL_WORDS} */ (rows.outcome[trial])],
    score: scaled(rows.score[trial], 1000), latency_seconds: scaled(rows.latency[trial], 1000),
    cost_usd: scaled(rows.cost[trial], 1e6), input_tokens: rows.tokens_in[trial],
    output_tokens: rows.tokens_out[trial], attempts: rows.attempts[trial],
    reason: signatureText(report.index, rows.signature[trial]),
  };
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
