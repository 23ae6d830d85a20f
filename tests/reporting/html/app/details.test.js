// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateSync } from "node:zlib";

import { Details, blockOf } from "../../../../harness/reporting/html/app/details.js";
import { indexOf } from "./indexes.js";

/** @param {unknown} items */
function packed(items) {
  return deflateSync(JSON.stringify(items)).toString("base64");
}

const BLOCKS = new Map([
  ["t0", packed(["long text", "é\u2028"])], ["d0", packed([{ id: "a", vars: { x: { $text: 0 } } }, { id: "b", verdicts: [] }])],
  ["d1", packed([{ id: "c", replies: [{ message: { content: [{ type: "text", text: { $text: 1 } }] } }] }])], ["b0", packed([["before"]])],
]);
const CHUNKS = { t: [0], d: [0, 2], b: [0] };

/** @param {string[]} asked */
function detailsOf(asked = []) {
  return new Details(indexOf([], { chunks: CHUNKS, baseline_cases: ["desk::a"] }), async (id) => {
    asked.push(id);
    const block = BLOCKS.get(id);
    if (block === undefined) throw new Error(`no ${id}`);
    return block;
  });
}

test("a trial is unpacked with the texts that it shares with others", async () => {
  assert.deepEqual(await detailsOf().trial(0), { id: "a", vars: { x: "long text" } });
  assert.deepEqual(await detailsOf().trial(2), { id: "c", replies: [{ message: { content: [{ type: "text", text: "é\u2028" }] } }] });
});

test("why a trial went wrong is read alone, and is empty where nothing did", async () => {
  /** @type {string[]} */
  const asked = [];
  const blocks = new Map([["t0", packed(["a long reason"])], ["d0", packed([
    { id: "a", reason: { $text: 0 }, vars: { x: { $text: 1 } } }, { id: "b", reason: "short" }, { id: "c" },
  ])]]);
  const details = new Details(indexOf([], { chunks: { t: [0, 1], d: [0], b: [] } }), async (id) => {
    asked.push(id);
    return blocks.get(id) ?? "";
  });
  assert.deepEqual([await details.reason(0), await details.reason(1), await details.reason(2)], ["a long reason", "short", ""]);
  assert.deepEqual(asked, ["d0", "t0"]);
});

test("a block is unpacked once while it is in use", async () => {
  /** @type {string[]} */
  const asked = [];
  const details = detailsOf(asked);
  await Promise.all([details.trial(0), details.trial(1)]);
  assert.deepEqual(asked.filter((id) => id === "d0"), ["d0"]);
});

test("a baseline that keeps no reply of a case has none", async () => {
  assert.deepEqual(await detailsOf().baselineReplies("desk::a"), ["before"]);
  assert.deepEqual(await detailsOf().baselineReplies("desk::b"), []);
});

test("a block that failed to load is asked for again", async () => {
  let isBroken = true;
  const details = new Details(indexOf([], { chunks: CHUNKS }), async () => {
    if (isBroken) throw new Error("is missing");
    return packed([{ id: "a" }]);
  });
  await assert.rejects(details.trial(0), /is missing/);
  isBroken = false;
  assert.deepEqual(await details.trial(0), { id: "a" });
});

for (const [number, block] of [[0, 0], [99, 0], [100, 1], [249, 1], [250, 2], [10_000, 2]]) {
  test(`item ${number} is in block ${block}`, () => assert.equal(blockOf([0, 100, 250], number), block));
}
