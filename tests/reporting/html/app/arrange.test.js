// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { GROUPINGS, SORTS, arranged, highest, isHeading } from "../../../../harness/reporting/html/app/arrange.js";
import { reportOf } from "./indexes.js";

const REPORT = reportOf([
  { case: "a", outcome: "p", latency: 300, cost: 1, score: 900, tags: ["x", "y"] },
  { case: "b", outcome: "f", latency: null, cost: null, failure: ["contains", "missing"] },
  { case: "c", outcome: "p", latency: 700, cost: 9, score: 100, variant: "haiku" },
  { suite: "triage", case: "d", outcome: "s", latency: 300, cost: 4 },
  { suite: "triage", case: "e", outcome: "e", failure: ["api_error", "HTTP …"] },
]);

/**
 * @param {string} sort
 * @param {string} grouping
 */
function shown(sort, grouping = "none") {
  return arranged(REPORT.index, REPORT.results, sort, grouping)
    .map((item) => (isHeading(item) ? `${item.heading} (${item.size})` : item.case)).join(" ");
}

for (const [sort, order] of [
  ["order", "a b c d e"], ["worst", "b e a c d"], ["slow", "c a d b e"], ["cost", "c d a b e"], ["score", "c a b d e"],
  ["nothing-like-it", "a b c d e"], ["constructor", "a b c d e"],
]) {
  test(`sorted by ${sort}; what is equal or missing keeps its order`, () => assert.equal(shown(sort), order));
}

for (const [grouping, order] of [
  ["none", "a b c d e"], ["suite", "desk (3) a b c triage (2) d e"], ["variant", "default (4) a b d e haiku (1) c"],
  ["tag", "x, y (1) a no tag (4) b c d e"], ["assertion", "nothing wrong (3) a c d contains (1) b api_error (1) e"],
  ["failure", "nothing wrong (3) a c d contains: missing (1) b api_error: HTTP … (1) e"], ["__proto__", "a b c d e"],
]) {
  test(`grouped by ${grouping}, with the size of each group`, () => assert.equal(shown("order", grouping), order));
}

test("groups stand in the order of what is in them", () => {
  assert.equal(shown("slow", "suite"), "desk (3) c a b triage (2) d e");
});

test("nothing arranged is nothing", () => {
  for (const sort of SORTS.keys()) {
    for (const grouping of GROUPINGS.keys()) assert.deepEqual(arranged(REPORT.index, [], sort, grouping), []);
  }
});

test("sorting leaves the results themselves as they are", () => {
  const before = [...REPORT.results];
  arranged(REPORT.index, REPORT.results, "slow", "suite");
  assert.deepEqual(REPORT.results, before);
});

test("the highest come first, and what has no value does not count", () => {
  const latency = (/** @type {{ latency: number | null }} */ result) => result.latency;
  assert.deepEqual(highest(REPORT.results, latency, 2).map((result) => result.case), ["c", "a"]);
  assert.equal(highest(REPORT.results, latency, 10).length, 3);
});
