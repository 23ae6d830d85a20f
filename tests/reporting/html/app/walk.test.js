// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { nextInCircle, nextResult } from "../../../../harness/reporting/html/app/walk.js";
import { reportOf } from "./indexes.js";

const { results } = reportOf([..."abcd"].map((id) => ({ case: id, outcome: id === "b" ? "f" : "p" })));
const anything = () => true;

for (const [name, direction, next] of /** @type {[string | undefined, 1 | -1, string | undefined][]} */ ([
  [undefined, 1, "a"], [undefined, -1, "d"], ["a", 1, "b"], ["b", -1, "a"], ["d", 1, undefined], ["a", -1, undefined], ["gone", 1, "a"],
])) {
  test(`${direction > 0 ? "after" : "before"} ${name ?? "nothing"} comes ${next ?? "nothing"}`, () => {
    assert.equal(nextResult(results, name && `desk::${name}`, direction, anything)?.case, next);
  });
}

test("what does not fit is passed over", () => {
  assert.equal(nextResult(results, undefined, 1, (result) => result.needsAttention)?.case, "b");
  assert.equal(nextResult(results, "desk::b", 1, (result) => result.needsAttention), undefined);
});

test("after the last variant comes the first", () => {
  assert.equal(nextInCircle(["a", "b"], "b", 1), "a");
  assert.equal(nextInCircle(["a", "b"], "a", -1), "b");
  assert.equal(nextInCircle(["a"], "a", 1), "a");
});
