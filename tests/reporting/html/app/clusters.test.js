// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { failureClusters } from "../../../../harness/reporting/html/app/clusters.js";
import { reportOf } from "./indexes.js";

/** @type {[string, string]} */
const MISSING = ["contains", "… is missing"];
/** @type {[string, string]} */
const LONG = ["max_words", "… words"];

test("failures that read alike stand together, the most frequent first", () => {
  const clusters = failureClusters(reportOf([
    { case: "a", outcome: "f", failure: LONG }, { case: "b", outcome: "f", failure: MISSING }, { case: "c", outcome: "f", failure: MISSING },
  ]));
  assert.deepEqual(clusters.map(({ assertion, results }) => [assertion, results.map((result) => result.case)]),
    [["contains", ["b", "c"]], ["max_words", ["a"]]]);
});

test("a case counts once for each kind of failure among its repeats", () => {
  const clusters = failureClusters(reportOf([
    { outcome: "f", failure: LONG }, { outcome: "f", failure: LONG, repeat: 2 }, { outcome: "f", failure: MISSING, repeat: 3 },
  ]));
  assert.deepEqual(clusters.map(({ results }) => results.length), [1, 1]);
});

test("failures that a pass_rate allows do not count", () => {
  assert.deepEqual(failureClusters(reportOf([
    { outcome: "p", result: { label: "flaky-allowed" } }, { outcome: "f", failure: LONG, repeat: 2 },
  ])), []);
});
