// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateSync } from "node:zlib";

import { contains, scan } from "../../../../harness/reporting/html/app/scan.js";

/**
 * @param {unknown[]} items
 * @param {string} text
 * @param {number[]} shared
 */
function scanned(items, text, shared = []) {
  const block = deflateSync(JSON.stringify(items)).toString("base64");
  return scan({ kind: "scan", start: 100, block, wanted: { text, shared: new Set(shared) } });
}

test("items are counted from the first one of their block", async () => {
  assert.deepEqual(await scanned(["a", "b", ["a"]], "a"), [100, 102]);
});

test("an item that refers to a shared text holds it", async () => {
  assert.deepEqual(await scanned([{ x: { $text: 3 } }, { x: { $text: 4 } }], "long", [4]), [101]);
});

test("signs that JSON escapes are as in the text", async () => {
  assert.deepEqual(await scanned(['say "hi"', "a\nb", "c:\\d"], '"hi"'), [100]);
  assert.deepEqual(await scanned(['say "hi"', "a\nb", "c:\\d"], "a\nb"), [101]);
  assert.deepEqual(await scanned(['say "hi"', "a\nb", "c:\\d"], "c:\\d"), [102]);
});

test("a block that is no packed JSON is an error", async () => {
  await assert.rejects(scan({ kind: "scan", start: 0, block: "AAAA", wanted: { text: "a", shared: new Set() } }));
});

test("only texts are searched, not numbers and not names of fields", () => {
  const wanted = { text: "1", shared: new Set([1]) };
  for (const value of [1, null, true, { 1: "x" }, [], {}]) assert.equal(contains(value, wanted), false);
  assert.equal(contains({ a: [{ b: "x1" }] }, wanted), true);
});
