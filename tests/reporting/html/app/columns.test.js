// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

/** @import { Column } from "../../../../harness/reporting/html/app/columns.js" */

import { differenceNote, sameReplies } from "../../../../harness/reporting/html/app/columns.js";

/**
 * @param {string} name
 * @param {number | null} reply
 * @param {string | null} text
 * @returns {Column}
 */
function columnOf(name, reply, text) {
  return { name, label: null, reply, text, whole: reply === null ? null : text, prompt: null };
}

const [ONE, OTHER] = [columnOf("haiku", 0, "It is a refund."), columnOf("opus", 1, "It is a refund.")];
const BASELINE = columnOf("baseline", null, "It is a refund.");

/** @param {Column[]} columns */
function names(columns) {
  return sameReplies(columns).map((same) => same.map(({ name }) => name));
}

test("replies with the same number are identical", () => {
  assert.deepEqual(names([ONE, OTHER, columnOf("sonnet", 0, "It is a refund.")]), [["haiku", "sonnet"], ["opus"]]);
});

test("replies with equal texts and other tool calls or earlier turns are not identical", () => {
  assert.deepEqual(names([ONE, OTHER]), [["haiku"], ["opus"]]);
  assert.equal(differenceNote(OTHER, ONE), "same text as haiku; the tool calls or earlier turns differ");
});

test("a reply of the baseline is never identical, as only its text is kept", () => {
  assert.deepEqual(names([ONE, BASELINE]), [["haiku"], ["baseline"]]);
  const note = /^same text as .*; the baseline keeps no tool calls and earlier turns$/;
  assert.match(differenceNote(ONE, BASELINE), note);
  assert.match(differenceNote(BASELINE, ONE), note);
});

test("trials without a reply are not identical", () => {
  assert.deepEqual(names([columnOf("haiku", -1, null), columnOf("opus", -1, null)]), [["haiku"], ["opus"]]);
  assert.equal(differenceNote(columnOf("haiku", -1, null), columnOf("opus", -1, null)), "");
});

test("texts that differ need no note", () => {
  assert.equal(differenceNote(ONE, columnOf("opus", 1, "It is an invoice.")), "");
});
