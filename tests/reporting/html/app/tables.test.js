// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { TABLE_FORMATS, csvCell, escapeMarkdown, tableRow } from "../../../../harness/reporting/html/app/tables.js";
import { reportOf } from "./indexes.js";

const REPORT = reportOf([
  { case: "a", outcome: "p", latency: 1234, cost: 15, score: 750, tokensIn: 3, tokensOut: 4 },
  { case: "b", variant: "haiku", outcome: "f", repeat: 2, failure: ["contains", 'no "x", | but'] },
]);
const ROWS = [0, 1].map((trial) => tableRow(REPORT, trial));

test("a row has seconds, USD and scores from 0 to 1", () => {
  assert.deepEqual(ROWS[0], {
    id: "desk::a", suite: "desk", case: "a", variant: "default", repeat: 1, outcome: "passed", score: 0.75,
    latency_seconds: 1.234, cost_usd: 0.000015, input_tokens: 3, output_tokens: 4, attempts: 1, reason: "",
  });
});

test("what is missing is null in a row and empty in CSV", () => {
  assert.equal(ROWS[1].score, null);
  assert.equal(TABLE_FORMATS.csv([ROWS[1]]).split("\r\n")[1],
    'desk::b[haiku],desk,b,haiku,2,failed,,,,0,0,1,"contains: no ""x"", | but"');
});

test("CSV without rows has its heads, JSON an empty list, JSON lines nothing", () => {
  assert.equal(TABLE_FORMATS.csv([]).split("\r\n").length, 2);
  assert.equal(TABLE_FORMATS.json([]), "[]\n");
  assert.equal(TABLE_FORMATS.jsonl([]), "");
});

test("JSON and JSON lines hold the rows as they are", () => {
  assert.deepEqual(JSON.parse(TABLE_FORMATS.json(ROWS)), ROWS);
  assert.deepEqual(TABLE_FORMATS.jsonl(ROWS).trim().split("\n").map((line) => JSON.parse(line)), ROWS);
});

test("a Markdown table has a line for each trial", () => {
  const lines = TABLE_FORMATS.md(ROWS).trimEnd().split("\n");
  assert.equal(lines.length, 4);
  assert.equal(lines[3], '| desk::b\\[haiku\\] | failed | contains: no "x", \\| but |');
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
