// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { groupedBy } from "../../../../harness/reporting/html/app/grouping.js";

test("groups keep the order of their first items", () => {
  assert.deepEqual(groupedBy(["b1", "a1", "b2"], ([letter]) => letter), [["b", ["b1", "b2"]], ["a", ["a1"]]]);
});

test("a key may be made of the position", () => {
  assert.equal(groupedBy(["a", "a"], (item, position) => `${item}${position}`).length, 2);
  assert.deepEqual(groupedBy([], String), []);
});

test("keys that every object has are keys as any others", () => {
  assert.deepEqual(groupedBy(["constructor", "__proto__"], String).map(([key]) => key), ["constructor", "__proto__"]);
});
