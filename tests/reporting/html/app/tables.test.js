// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { TABLE_FORMATS, csvCell, escapeMarkdown, tablePieces, tableRow } from "../../../../harness/reporting/html/app/tables.js";
import { reportOf } from "./indexes.js";

const REPORT = reportOf([
  { case: "a", outcome: "p", latency: 1234, cost: 15, score: 750, tokensIn: 3, tokensOut: 4, result: { label: "xpassed" } },
  { case: "b", variant: "haiku", outcome: "f", repeat: 2, failure: ["contains", "no …"], result: { label: "flaky", repeats: 3 } },
]);
const REASON = 'contains: no "x", | but';

/**
 * @param {string} name
 * @param {number[]} trials
 */
async function written(name, trials) {
  return (await tablePieces(REPORT, trials, TABLE_FORMATS[name], async () => REASON, () => {})).join("");
}

test("a row has seconds, USD and scores from 0 to 1, and what the case adds up to", () => {
  assert.deepEqual(tableRow(REPORT, 0, ""), {
    id: "desk::a", suite: "desk", case: "a", variant: "default", repeat: 1, outcome: "passed", score: 0.75,
    latency_seconds: 1.234, cost_usd: 0.000015, input_tokens: 3, output_tokens: 4, attempts: 1, reason: "", case_label: "xpassed",
    answered_by: "service",
  });
});

test("what is missing is null in a row and empty in CSV", async () => {
  assert.equal(tableRow(REPORT, 1, REASON).score, null);
  assert.equal((await written("csv", [1])).split("\r\n")[1],
    'desk::b[haiku]#2,desk,b,haiku,2,failed,,,,0,0,1,"contains: no ""x"", | but",flaky,service');
});

test("CSV without rows has its heads, JSON an empty list, JSON lines nothing", async () => {
  assert.equal((await written("csv", [])).split("\r\n").length, 2);
  assert.equal(await written("json", []), "[]\n");
  assert.equal(await written("jsonl", []), "");
});

test("JSON and JSON lines hold the rows as they are", async () => {
  const rows = [tableRow(REPORT, 0, ""), tableRow(REPORT, 1, REASON)];
  assert.deepEqual(JSON.parse(await written("json", [0, 1])), rows);
  assert.deepEqual((await written("jsonl", [0, 1])).trim().split("\n").map((line) => JSON.parse(line)), rows);
});

test("small costs are written as Python writes them", async () => {
  assert.match(await written("jsonl", [0]), /"cost_usd":1\.5e-05,/);
  assert.match(await written("csv", [0]), /,0\.000015,/);
});

test("a lone surrogate is written out, as it has no bytes", async () => {
  const report = reportOf([{ case: "\ud800" }]);
  const pieces = await tablePieces(report, [0], TABLE_FORMATS.csv, async () => "", () => {});
  assert.match(pieces[1], /^desk::\\ud800,/);
});

test("a Markdown table has a line for each trial", async () => {
  const lines = (await written("md", [0, 1])).trimEnd().split("\n");
  assert.equal(lines.length, 4);
  assert.equal(lines[3], '| desk::b\\[haiku\\]\\#2 | failed | contains: no "x", \\| but |');
});

test("only the reasons of trials that went wrong are read", async () => {
  const report = reportOf([..."pfesux"].map((outcome, number) => ({ case: `${number}`, outcome })));
  /** @type {number[]} */
  const read = [];
  const reasonOf = async (/** @type {number} */ trial) => { read.push(trial); return ""; };
  await tablePieces(report, [0, 1, 2, 3, 4, 5], TABLE_FORMATS.csv, reasonOf, () => {});
  assert.deepEqual(read, [1, 2, 5]);
});

test("how far a long table is done is reported on the way", async () => {
  const report = reportOf(Array.from({ length: 250 }, (_, number) => ({ case: `${number}` })));
  /** @type {number[]} */
  const shares = [];
  await tablePieces(report, [...report.resultOfTrial.keys()], TABLE_FORMATS.csv, async () => "", (share) => shares.push(share));
  assert.deepEqual(shares, [0, 0.4, 0.8]);
});

for (const [value, cell] of /** @type {[string | number | null, string][]} */ ([
  [null, ""], [0, "0"], ["", ""], ["plain", "plain"], ["a,b", '"a,b"'], ['say "x"', '"say ""x"""'], ["two\nlines", '"two\nlines"'],
  ["=1+1", "'=1+1"], ["  @cmd", "'  @cmd"], ["-1", "'-1"], ["\uff1d1", "'\uff1d1"], ["=a,b", "\"'=a,b\""], ["a=b", "a=b"],
])) {
  test(`a cell is quoted where it must be, and never a formula: ${JSON.stringify(value)}`, () => {
    assert.equal(csvCell(value), cell);
  });
}

test("Markdown shows a text as it is, on one line", () => {
  assert.equal(escapeMarkdown("a *b*\n<i>#1|2</i> \\"), "a \\*b\\* \\<i\\>\\#1\\|2\\</i\\> \\\\");
});
