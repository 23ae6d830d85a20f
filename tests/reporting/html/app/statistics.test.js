// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { present, quantile, sum } from "../../../../harness/reporting/html/app/statistics.js";

test("what is missing is left out of sums", () => {
  assert.deepEqual(present([0, null, 2, undefined]), [0, 2]);
  assert.equal(sum([1, null, 2]), 3);
});

test("nothing has no sum and no quantile", () => {
  assert.equal(sum([null]), null);
  assert.equal(quantile([], 0.5), null);
});

test("a quantile is one of the values", () => {
  const values = [1, 2, 3, 4];
  assert.deepEqual([0, 0.25, 0.5, 0.51, 0.95, 1].map((share) => quantile(values, share)), [1, 1, 2, 3, 4, 4]);
});
