// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { readFileSync } from "node:fs";
import vm from "node:vm";

import { changesOf } from "../../../../harness/reporting/html/app/differ.js";

const vendored = new URL("../../../../harness/reporting/html/vendor/diff-9.0.0.js", import.meta.url);
vm.runInThisContext(readFileSync(vendored, "utf8"));

/**
 * @param {string} before
 * @param {string} after
 */
function written(before, after, words = true) {
  return changesOf({ kind: "diff", before, after, words })
    ?.map(({ value, added, removed }) => (added ? `+${value}+` : removed ? `-${value}-` : value)).join("");
}

test("a word that changed is taken out and put in", () => {
  assert.equal(written("a red car", "a blue car"), "a -red-+blue+ car");
});

test("spaces and lines count", () => {
  assert.equal(written("a b", "a  b"), "a- -+  +b");
  assert.equal(written("one\ntwo\n", "one\nthree\n", false), "one\n-two\n-+three\n+");
});

test("equal texts do not differ, and empty ones are texts", () => {
  assert.equal(written("same", "same"), "same");
  assert.equal(written("", "new"), "+new+");
  assert.equal(written("", ""), "");
});
