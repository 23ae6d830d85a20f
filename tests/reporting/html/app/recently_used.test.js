// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { RecentlyUsed } from "../../../../harness/reporting/html/app/recently_used.js";

/** @param {number} most */
function cacheOf(most) {
  /** @type {string[]} */
  const made = [];
  const cache = new RecentlyUsed(most, async (key) => {
    made.push(key);
    if (key === "bad") throw new Error("cannot be made");
    return key.toUpperCase();
  });
  return { cache, made };
}

test("a value is made once, also for those who ask at the same time", async () => {
  const { cache, made } = cacheOf(2);
  assert.deepEqual(await Promise.all([cache.get("a"), cache.get("a")]), ["A", "A"]);
  assert.deepEqual(made, ["a"]);
});

test("what was not used for longest goes first", async () => {
  const { cache, made } = cacheOf(2);
  for (const key of ["a", "b", "a", "c", "a", "b"]) await cache.get(key);
  assert.deepEqual(made, ["a", "b", "c", "b"]);
});

test("what failed is made again", async () => {
  const { cache, made } = cacheOf(2);
  await assert.rejects(cache.get("bad"), /cannot be made/);
  await assert.rejects(cache.get("bad"), /cannot be made/);
  assert.deepEqual(made, ["bad", "bad"]);
});
