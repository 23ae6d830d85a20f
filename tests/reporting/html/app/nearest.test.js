// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { nearest } from "../../../../harness/reporting/html/app/nearest.js";
import { reportOf } from "./indexes.js";

const { results } = reportOf(["refund", "invoice", "order", "refunds", "late", "later"].map((id) => ({ case: id })));

/** @param {string} name */
function names(name) {
  return nearest(results, name).map((result) => result.case);
}

test("the name with the most letters in common comes first", () => {
  assert.deepEqual(names("desk::refnd").slice(0, 2), ["refund", "refunds"]);
  assert.equal(names("DESK::LATER")[0], "later");
});

test("five names are suggested, whatever was asked for", () => {
  for (const name of ["", "%", "é", "x".repeat(300)]) assert.equal(names(name).length, 5);
});

test("names that are equally far keep the order of the run", () => {
  assert.deepEqual(names("§"), ["refund", "invoice", "order", "refunds", "late"]);
});

test("a run of nothing suggests nothing", () => {
  assert.deepEqual(nearest([], "a"), []);
});
