// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { caseResults, labelOfTrial, leastStable, wentWrong } from "../../../../harness/reporting/html/app/results.js";
import { indexOf, reportOf } from "./indexes.js";

for (const [label, needsAttention, isFlaky] of /** @type {[import("../../../../harness/reporting/html/app/types.js").Label, boolean, boolean][]} */ ([
  ["passed", false, false], ["failed", true, false], ["flaky", true, true], ["flaky-allowed", false, true], ["errored", true, false],
  ["xfailed", false, false], ["xpassed", false, false], ["skipped", false, false], ["unjudged", false, false],
])) {
  test(`a case is ${label} if Python says so, whatever its trials are`, () => {
    const [result] = caseResults(indexOf([{ outcome: "p", result: { label } }, { outcome: "f", repeat: 2 }]));
    assert.deepEqual([result.label, result.needsAttention, result.isFlaky], [label, needsAttention, isFlaky]);
  });
}

test("the numbers of a case are those that Python wrote", () => {
  const [result] = caseResults(indexOf([{
    latency: 100, cost: 5, score: 1000, reply: 7, failure: ["contains", "no …"],
    result: { repeats: 9, passed: 4, judged: 8, share: 0.25, distinctReplies: 6, reason: "why", flip: "moved" },
  }]));
  const { repeats, passed, judged, share, distinctReplies, latency, cost, score, signature, reason } = result;
  assert.deepEqual({ repeats, passed, judged, share, distinctReplies, latency, cost, score, signature, reason }, {
    repeats: 9, passed: 4, judged: 8, share: 0.25, distinctReplies: 6, latency: 100, cost: 5, score: 1000, signature: 0, reason: "why",
  });
  assert.deepEqual(result.flip, { name: "moved", title: "moved", meaning: "what moved means" });
});

test("how sure the chance of a case is stands there in words, as Python wrote it", () => {
  const index = indexOf([{ case: "a", result: { chance: 1 } }, { case: "b" }], { chances: ["95 %: [20, 100] %", "95 %: [0, 35] %"] });
  assert.deepEqual(caseResults(index).map(({ chance }) => chance), ["95 %: [0, 35] %", null]);
});

test("a case that is in no list of the baseline has no flip", () => {
  assert.equal(caseResults(indexOf([{}]))[0].flip, null);
});

test("a case in two variants has two results with their own trials", () => {
  const results = caseResults(indexOf([{ variant: "default" }, { variant: "haiku" }, { variant: "default", repeat: 2 }]));
  assert.deepEqual(results.map(({ name, trials }) => [name, trials]), [["desk::refund", [0, 2]], ["desk::refund[haiku]", [1]]]);
});

test("the name of a case ends as Python says for its variant", () => {
  const [result] = caseResults(indexOf([{ variant: "haiku" }], { suffixes: ["<haiku>"] }));
  assert.equal(result.name, "desk::refund<haiku>");
});

test("cases of the same name in two suites stay apart", () => {
  const results = caseResults(indexOf([{ suite: "a" }, { suite: "b" }]));
  assert.deepEqual(results.map((result) => result.path), ["a.suite.yaml", "b.suite.yaml"]);
});

test("the model is that of the suite and the variant", () => {
  const index = indexOf([{ variant: "a" }, { variant: "b" }], { facts: [[0, 1, { model: "opus" }]] });
  assert.deepEqual(caseResults(index).map((result) => result.model), ["", "opus"]);
});

test("a run of nothing has no results", () => {
  assert.deepEqual(caseResults(indexOf([])), []);
});

for (const [letter, label, isWrong] of /** @type {[string, string, boolean][]} */ ([
  ["p", "passed", false], ["f", "failed", true], ["e", "errored", true], ["s", "skipped", false], ["u", "unjudged", false],
  ["x", "xfailed", true],
])) {
  test(`a trial with the letter ${letter} is ${label} and ${isWrong ? "went" : "did not go"} wrong`, () => {
    const index = indexOf([{ outcome: letter }]);
    assert.equal(labelOfTrial(index, 0), label);
    assert.equal(wentWrong(index, 0), isWrong);
  });
}

test("the least stable case is the flaky one whose share is nearest to half", () => {
  const { results } = reportOf([
    { case: "a", result: { label: "flaky", share: 0.75 } }, { case: "b", result: { label: "flaky-allowed", share: 0.5 } },
    { case: "c", result: { label: "failed", share: 0.5 } }, { case: "d", result: { label: "flaky", share: 0.25 } },
  ]);
  assert.deepEqual(leastStable(results).map((result) => result.case), ["b", "a", "d"]);
});
