// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateSync } from "node:zlib";

/** @import { RunTask } from "../../../../harness/reporting/html/app/types.js" */

import { scan } from "../../../../harness/reporting/html/app/scan.js";
import { searchTexts } from "../../../../harness/reporting/html/app/text_search.js";

/** @param {unknown} items */
function packed(items) {
  return deflateSync(JSON.stringify(items)).toString("base64");
}

const BLOCKS = new Map([
  ["t0", packed(["You are kind.", "Refunds take a week."])],
  ["d0", packed([{ request: { system: { $text: 0 } } }, { request: { system: { $text: 1 } } }])],
  ["d1", packed([{ replies: ['say "refund"'] }, { replies: [] }])],
]);
const CHUNKS = { t: [0], d: [0, 2], b: [] };
const runTask = /** @type {RunTask} */ (/** @type {unknown} */ (scan));

/** @param {string} text */
async function search(text) {
  return searchTexts(CHUNKS, async (id) => BLOCKS.get(id) ?? "", runTask, text, () => true);
}

test("texts of trials and texts that they share are searched, in small and large letters", async () => {
  assert.deepEqual(await search("REFUND"), [1, 2]);
  assert.deepEqual(await search("kind"), [0]);
  assert.deepEqual(await search('"refund"'), [2]);
  assert.deepEqual(await search("nothing like it"), []);
});

test("names of fields are not texts", async () => {
  assert.deepEqual(await search("replies"), []);
});

test("progress is reported, and the search ends when nobody waits any more", async () => {
  /** @type {number[]} */
  const shares = [];
  const trials = await searchTexts(CHUNKS, async (id) => BLOCKS.get(id) ?? "", runTask, "refund", (share) => {
    shares.push(share);
    return shares.length < 2;
  });
  assert.deepEqual(shares, [1 / 3, 1]);
  assert.equal(trials, null);
});

test("a run without details has nothing to search", async () => {
  assert.deepEqual(await searchTexts({ t: [], d: [], b: [] }, async () => "", runTask, "a", () => true), []);
});
