// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

/** @import { Group } from "../../../../harness/reporting/html/app/types.js" */

import {
  caseResults, cheapestVariants, flipByName, flipCounts, groupKey, leastStable, overviewFigures, wilsonInterval,
} from "../../../../harness/reporting/html/app/results.js";
import { comparisonOf, indexOf, reportOf } from "./indexes.js";

/**
 * @param {string} outcomes
 * @param {number} passRate
 */
function resultOf(outcomes, passRate = 1) {
  const trials = [...outcomes].map((outcome, number) => ({ outcome, passRate, repeat: number + 1 }));
  return caseResults(indexOf(trials))[0];
}

for (const [outcomes, label, isWrong] of /** @type {[string, string, boolean][]} */ ([
  ["p", "p", false], ["f", "f", true], ["e", "e", true], ["s", "s", false], ["u", "u", false], ["x", "x", false],
  ["pf", "y", true], ["pe", "y", true], ["ff", "f", true], ["fe", "e", true], ["ps", "p", false], ["xs", "x", false],
])) {
  test(`repeats that came to ${outcomes} are ${label} and ${isWrong ? "" : "not "}wrong`, () => {
    const result = resultOf(outcomes);
    assert.equal(result.label, label);
    assert.equal(result.isWrong, isWrong);
  });
}

test("a case that passes as often as its pass_rate asks is not wrong", () => {
  assert.equal(resultOf("ppf", 2 / 3).isWrong, false);
  assert.equal(resultOf("ppppppppff", 0.1 + 0.7).isWrong, false);
  assert.equal(resultOf("pff", 0.5).isWrong, true);
});

test("an errored repeat is wrong however often a case has to pass", () => {
  assert.equal(resultOf("ppe", 0.1).isWrong, true);
});

test("skipped and unjudged repeats do not count", () => {
  const { judged, passed, passShare } = resultOf("psu");
  assert.deepEqual({ judged, passed, passShare }, { judged: 1, passed: 1, passShare: 1 });
  assert.equal(resultOf("s").passShare, null);
});

test("a case in two variants has two results", () => {
  const results = caseResults(indexOf([{ variant: "default" }, { variant: "haiku" }, { variant: "default", repeat: 2 }]));
  assert.deepEqual(results.map(({ name, trials }) => [name, trials]), [["desk::refund", [0, 2]], ["desk::refund[haiku]", [1]]]);
});

test("cases of the same name in two suites stay apart", () => {
  const results = caseResults(indexOf([{ suite: "a" }, { suite: "b" }]));
  assert.deepEqual(results.map((result) => result.path), ["a.suite.yaml", "b.suite.yaml"]);
});

test("measures leave out what is missing", () => {
  const [result] = caseResults(indexOf([
    { latency: 100, cost: 5, score: 1000, reply: 7 }, { latency: null, cost: null, repeat: 2 },
    { latency: 300, cost: 2, score: 0, reply: 7, repeat: 3 },
  ]));
  assert.equal(result.latency, 200);
  assert.equal(result.cost, 7);
  assert.equal(result.score, 500);
  assert.equal(result.distinctReplies, 1);
});

test("measures that are all missing are null, not zero", () => {
  const { latency, cost, score, signature } = resultOf("s");
  assert.deepEqual({ latency, cost, score, signature }, { latency: null, cost: null, score: null, signature: -1 });
});

test("the model is that of the suite and the variant", () => {
  const index = indexOf([{ variant: "a" }, { variant: "b" }], { facts: [[0, 1, { model: "opus" }]] });
  assert.deepEqual(caseResults(index).map((result) => result.model), ["", "opus"]);
});

test("a run of nothing has no results and no figures", () => {
  const index = indexOf([]);
  assert.deepEqual(caseResults(index), []);
  const { passRate, interval, latencyP50, cost, tokensIn } = overviewFigures(index, []);
  assert.deepEqual({ passRate, interval, latencyP50, cost, tokensIn },
    { passRate: null, interval: null, latencyP50: null, cost: null, tokensIn: 0 });
});

test("the pass rate is the mean over cases, however many repeats each has", () => {
  const index = indexOf([
    { case: "a", outcome: "p" }, { case: "b", outcome: "f" }, { case: "b", outcome: "f", repeat: 2 }, { case: "c", outcome: "s" },
  ]);
  const figures = overviewFigures(index, caseResults(index));
  assert.equal(figures.passRate, 0.5);
  assert.equal(figures.judgedCases, 2);
  assert.ok(figures.interval);
});

test("there is no interval where repeats disagree", () => {
  const index = indexOf([{ outcome: "p" }, { outcome: "f", repeat: 2 }]);
  const { interval, flaky, wrong } = overviewFigures(index, caseResults(index));
  assert.deepEqual({ interval, flaky, wrong }, { interval: null, flaky: 1, wrong: 1 });
});

test("Wilson's interval is that of the textbook", () => {
  const rounded = wilsonInterval(18, 20).map((end) => end.toFixed(4));
  assert.deepEqual(rounded, ["0.6990", "0.9721"]);
  assert.deepEqual(wilsonInterval(0, 0), [0, 1]);
  assert.equal(wilsonInterval(0, 5)[0], 0);
  assert.equal(wilsonInterval(5, 5)[1], 1);
});

test("where comparisons contradict each other, the last one counts", () => {
  const flips = flipByName({
    name: "main", notes: [],
    comparisons: [comparisonOf({ broken: ["a"], changed_cases: ["a", "b"] }), comparisonOf({ fixed: ["a"] })],
  });
  assert.deepEqual([...flips], [["a", "fixed"], ["b", "changed"]]);
  assert.equal(flipByName(null).size, 0);
});

test("a name of the baseline that is not in the run changes nothing", () => {
  const comparison = { name: "main", notes: [], comparisons: [comparisonOf({ broken: ["gone", "desk::refund"] })] };
  const report = reportOf([{}], { comparison });
  assert.deepEqual(report.results.map((result) => result.flip), ["broken"]);
  assert.deepEqual(flipCounts(report.results).get(groupKey("desk", "default")), { broken: 1, fixed: 0 });
});

test("the least stable case is the one nearest to half and half", () => {
  const outcomes = { a: "ppp", b: "pppf", c: "pf", d: "fff" };
  const { results } = reportOf(Object.entries(outcomes).flatMap(([id, letters]) =>
    [...letters].map((outcome, number) => ({ case: id, outcome, repeat: number + 1 }))));
  assert.deepEqual(leastStable(results).map((result) => result.case), ["c", "b"]);
});

/**
 * @param {string} variant
 * @param {number | null} share
 * @param {[number, number]} interval
 * @param {number | null} cost
 * @returns {Group}
 */
function groupOf(variant, share, interval, cost) {
  return {
    suite: "desk", variant, trials: 10, passed: 0, pass_rate: { share, interval }, latency_p50: null, latency_p95: null,
    input_tokens: 0, output_tokens: 0, cost,
  };
}

test("the cheapest variant is one that may be as good as the best", () => {
  const [choice] = cheapestVariants([
    groupOf("best", 0.95, [0.8, 0.99], 5), groupOf("good", 0.9, [0.7, 0.97], 1), groupOf("poor", 0.5, [0.3, 0.7], 0.1),
  ]);
  assert.equal(choice.cheapest.variant, "good");
  assert.equal(choice.best.variant, "best");
});

test("without a price or a second variant there is nothing to choose", () => {
  assert.deepEqual(cheapestVariants([groupOf("a", 1, [0.8, 1], 1)]), []);
  assert.deepEqual(cheapestVariants([groupOf("a", 1, [0.8, 1], 1), groupOf("b", 1, [0.8, 1], null)]), []);
  assert.deepEqual(cheapestVariants([groupOf("a", null, [0, 1], 1), groupOf("b", null, [0, 1], 1)]), []);
});
