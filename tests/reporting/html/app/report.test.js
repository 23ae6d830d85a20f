// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import {
  changedCases, chosenTrial, signatureText, trialName, trialsByReply, variantsOf,
} from "../../../../harness/reporting/html/app/report.js";
import { comparisonOf, reportOf } from "./indexes.js";

const REPORT = reportOf([
  { case: "a", repeat: 1, outcome: "p", reply: 0, result: { label: "flaky", repeats: 4 } }, { case: "a", repeat: 2, outcome: "f", reply: 1, failure: ["contains", "missing"] },
  { case: "a", repeat: 3, outcome: "p", reply: 0 }, { case: "a", repeat: 4, outcome: "e", reply: -1, failure: ["api_error", "late"] },
  { case: "a", variant: "haiku", outcome: "p" }, { case: "b", outcome: "p" },
  { case: "c", repeat: 2, outcome: "p", result: { repeats: 4 } },
]);
const [repeated, other, single] = REPORT.results;

test("only repeats have a number in their names", () => {
  assert.equal(trialName(REPORT, 1), "desk::a#2");
  assert.equal(trialName(REPORT, 5), "desk::b");
});

test("a repeat keeps its number where the others never ran", () => {
  assert.equal(trialName(REPORT, 6), "desk::c#2");
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
  assert.deepEqual(trialsByReply(REPORT, repeated), [
    { hasReply: true, trials: [0, 2] }, { hasReply: true, trials: [1] }, { hasReply: false, trials: [3] },
  ]);
});

test("repeats that errored alike stand together, without a reply", () => {
  const failure = /** @type {[string, string]} */ (["api_error", "late"]);
  const report = reportOf([{ outcome: "e", failure }, { outcome: "e", repeat: 2, failure }]);
  assert.deepEqual(trialsByReply(report, report.results[0]), [{ hasReply: false, trials: [0, 1] }]);
});

test("the cases in a list are those of all comparisons that are comparable", () => {
  /** @param {string} name */
  const move = (name) => ({ name, old: /** @type {[number, number]} */ ([3, 3]), new: /** @type {[number, number]} */ ([1, 3]) });
  const comparisons = [
    comparisonOf({ moves: { broken: [move("a")], moved: [move("b")] }, changed_cases: ["c"] }),
    comparisonOf({ moves: { broken: [move("d")] } }),
    comparisonOf({ moves: { broken: [move("e")] }, changed_cases: ["f"], refusals: ["the expectations differ"] }),
  ];
  assert.deepEqual(changedCases(comparisons, "broken"), [{ name: "a", move: move("a") }, { name: "d", move: move("d") }]);
  assert.deepEqual(changedCases(comparisons, "moved").map(({ name }) => name), ["b"]);
  assert.deepEqual(changedCases(comparisons, "changed"), [{ name: "c", move: null }]);
  assert.deepEqual(changedCases(comparisons, "fixed"), []);
});

test("a signature is an assertion and its message, or nothing", () => {
  assert.equal(signatureText(REPORT.index, 0), "contains: missing");
  assert.equal(signatureText(REPORT.index, -1), "");
});
