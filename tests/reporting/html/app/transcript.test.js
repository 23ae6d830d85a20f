// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import {
  failureMarkdown, lastReply, promptOf, textOf, wholeReplyOf, wrongVerdicts,
} from "../../../../harness/reporting/html/app/transcript.js";
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

const FAILED = { assertion: "contains", passed: false, is_wrong: true, score: 0, line: 1, reason: "no *x*" };

test("verdicts against a trial are those that Python marked, whatever else they say", () => {
  const errored = { ...FAILED, passed: true, error: "Traceback" };
  const shown = { ...FAILED, is_wrong: undefined };
  assert.deepEqual(wrongVerdicts({ id: "a", verdicts: [FAILED, errored, shown] }), [FAILED, errored]);
  assert.deepEqual(wrongVerdicts({ id: "a" }), []);
});

const CALL = { type: "tool_use", id: "toolu_1", name: "find", input: { n: 1 } };

for (const [sentence, replies, whole] of /** @type {[string, { message: import("../../../../harness/reporting/html/app/types.js").Message }[], string | null][]} */ ([
  ["of one text is the text", [{ message: { content: "a" } }], "a"],
  ["of several texts is all of them", [{ message: { content: [{ type: "text", text: "a" }, { type: "text", text: "b" }] } }], "ab"],
  ["has no thinking in it", [{ message: { content: [{ type: "thinking", thinking: "hm" }, { type: "text", text: "a" }] } }], "a"],
  ["with a tool call names the tool and its input, but not the id that a service gives",
    [{ message: { content: [{ type: "text", text: "a" }, CALL] } }], 'a\n[tool_use: find] {\n  "input": {\n    "n": 1\n  }\n}'],
  ["of several turns has all of them", [{ message: { content: "a" } }, { message: { content: "b" } }], "[turn 1]\na\n\n[turn 2]\nb"],
  ["that never came is null", [], null],
])) {
  test(`a whole reply ${sentence}`, () => assert.equal(wholeReplyOf({ id: "a", replies }), whole));
}

test("a failure of the score alone is written with its reason", () => {
  const { facts, results: [result] } = reportOf([{ outcome: "f" }]);
  assert.match(failureMarkdown(facts, result, { id: "a", reason: "the score 0.40 is below" }), /- the score 0\.40 is below/);
});

test("an error is written with its message", () => {
  const { facts, results: [result] } = reportOf([{ outcome: "e" }]);
  const detail = { id: "a", reason: "HTTP 500", error: { reason: "api_error", message: "HTTP 500" } };
  assert.equal(failureMarkdown(facts, result, detail).match(/HTTP 500/g)?.length, 1);
});

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
