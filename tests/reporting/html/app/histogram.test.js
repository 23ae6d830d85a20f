// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { binCounts } from "../../../../harness/reporting/html/app/histogram.js";

test("every value is in one bin, the highest in the last", () => {
  assert.deepEqual(binCounts([0, 1, 10, 19, 20], 2), [2, 3]);
  assert.deepEqual(binCounts([5], 3), [1, 0, 0]);
  assert.deepEqual(binCounts([5, 5, 5], 3), [3, 0, 0]);
});
