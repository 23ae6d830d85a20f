// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { failureMarkdown, isWrongVerdict, lastReply, promptOf, textOf } from "../../../../harness/reporting/html/app/transcript.js";
import { reportOf } from "./indexes.js";

test("the text of a message is that of its text blocks", () => {
  assert.equal(textOf({ content: "plain" }), "plain");
  assert.equal(textOf({ content: [{ type: "text", text: "a" }, { type: "image" }, { type: "text", text: "b" }] }), "ab");
  assert.equal(textOf({ content: [] }), "");
  assert.equal(textOf(null), "");
});

test("the last reply counts, and none if the trial errored", () => {
  const replies = [{ message: { content: "one" } }, { message: { content: "two" } }];
  assert.equal(lastReply({ id: "a", replies })?.message.content, "two");
  assert.equal(lastReply({ id: "a", replies, error: { reason: "timeout", message: "late" } }), null);
  assert.equal(lastReply({ id: "a", replies: [] }), null);
  assert.equal(lastReply({ id: "a" }), null);
});

test("a prompt is the system prompt and all messages", () => {
  const request = { system: "Be kind.", messages: [{ role: "user", content: "Hi" }, { role: "assistant", content: [] }] };
  assert.equal(promptOf({ id: "a", request }), "Be kind.\n\nHi");
  assert.equal(promptOf({ id: "a" }), null);
});

const FAILED = { assertion: "contains", passed: false, score: 0, line: 1, reason: "no *x*" };

for (const [sentence, more, isWrong] of /** @type {[string, object, boolean][]} */ ([
  ["decides", {}, true], ["passed", { passed: true }, false], ["only warns", { severity: "warn" }, false],
  ["has no weight", { weight: 0 }, false], ["was left out", { left_out: true }, false], ["has some weight", { weight: 0.5 }, true],
])) {
  test(`a verdict that ${sentence} is ${isWrong ? "" : "not "}one against the trial`, () => {
    assert.equal(isWrongVerdict({ ...FAILED, ...more }), isWrong);
  });
}

test("a failure as Markdown has its reasons, the reply and the command to run it again", () => {
  const { facts, results: [result] } = reportOf([{ variant: "haiku", outcome: "f" }]);
  const detail = { id: "a", verdicts: [FAILED], replies: [{ message: { content: "first\n# second" } }] };
  assert.equal(failureMarkdown(facts, result, detail), `**desk::refund\\[haiku\\]** (desk.suite.yaml:10)

- contains: no \\*x\\*

Reply:

    first
    # second

    harness run desk.suite.yaml --only 'desk::refund[haiku]'
`);
});
