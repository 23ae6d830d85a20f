// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import {
  chosenTrial, signatureText, trialName, trialsByReply, variantsOf,
} from "../../../../harness/reporting/html/app/report.js";
import { reportOf } from "./indexes.js";

const REPORT = reportOf([
  { case: "a", repeat: 1, outcome: "p", reply: 0 }, { case: "a", repeat: 2, outcome: "f", reply: 1, failure: ["contains", "missing"] },
  { case: "a", repeat: 3, outcome: "p", reply: 0 }, { case: "a", repeat: 4, outcome: "e", reply: -1, failure: ["api_error", "late"] },
  { case: "a", variant: "haiku", outcome: "p" }, { case: "b", outcome: "p" },
]);
const [repeated, other, single] = REPORT.results;

test("only repeats have a number in their names", () => {
  assert.equal(trialName(REPORT, 1), "desk::a#2");
  assert.equal(trialName(REPORT, 5), "desk::b");
});

test("the variants of a case belong together", () => {
  assert.deepEqual(variantsOf(REPORT, repeated), [repeated, other]);
  assert.deepEqual(variantsOf(REPORT, single), [single]);
});

test("the repeat that was asked for is shown, else the first that went wrong, else the first", () => {
  assert.equal(chosenTrial(REPORT, repeated, "3"), 2);
  assert.equal(chosenTrial(REPORT, repeated, 3), 2);
  assert.equal(chosenTrial(REPORT, repeated, "99"), 1);
  assert.equal(chosenTrial(REPORT, repeated, undefined), 1);
  assert.equal(chosenTrial(REPORT, single, undefined), 5);
});

test("repeats with the same reply stand together, and those without one apart", () => {
  assert.deepEqual(trialsByReply(REPORT, repeated), [[0, 2], [1], [3]]);
});

test("a signature is an assertion and its message, or nothing", () => {
  assert.equal(signatureText(REPORT.index, 0), "contains: missing");
  assert.equal(signatureText(REPORT.index, -1), "");
});
