// @ts-check
// A trial as plain text: prompt, reply, reasons.

/** @import { CaseResult, ContentBlock, Message, Reply, RunFacts, TrialDetail } from "./types.js" */

import { rerunCommand } from "./commands.js";
import { escapeMarkdown } from "./tables.js";

/**
 * The text of a message as the API has it.
 *
 * @param {Pick<Message, "content"> | null | undefined} message
 */
export function textOf(message) {
  const content = message?.content ?? "";
  if (typeof content === "string") return content;
  return content.map((block) => (block.type === "text" ? block.text : "")).join("");
}

/**
 * @param {TrialDetail} detail
 * @returns {Reply | null}
 */
export function lastReply(detail) {
  if (detail.error || !detail.replies) return null;
  return detail.replies[detail.replies.length - 1] ?? null;
}

// as Python leaves them out when it compares replies: a service gives new ids each time
const VOLATILE = new Set(["id", "tool_use_id", "signature"]);
const HIDDEN = new Set(["thinking", "redacted_thinking"]);

/**
 * All that was replied, with the tool calls and the earlier turns; null without a reply.
 *
 * It is the text alone if there is nothing else.
 *
 * @param {TrialDetail} detail
 */
export function wholeReplyOf(detail) {
  if (!lastReply(detail)) return null;
  const turns = (detail.replies ?? []).map(({ message }) => visibleTextOf(message));
  if (turns.length === 1) return turns[0];
  return turns.map((turn, position) => `[turn ${position + 1}]\n${turn}`).join("\n\n");
}

/** @param {Message} message */
function visibleTextOf(message) {
  const { content } = message;
  if (typeof content === "string" || content.every(({ type }) => type === "text" || HIDDEN.has(type))) return textOf(message);
  return content.filter(({ type }) => !HIDDEN.has(type)).map(blockText).join("\n");
}

/** @param {ContentBlock} block */
function blockText(block) {
  if (block.type === "text") return block.text ?? "";
  const { type, name, ...rest } = block;
  const stable = Object.fromEntries(Object.entries(rest).filter(([key]) => !VOLATILE.has(key)));
  return `[${type}${name ? `: ${name}` : ""}] ${JSON.stringify(stable, null, 2)}`;
}

/** @param {TrialDetail} detail */
export function promptOf({ request }) {
  if (!request) return null;
  return [{ content: request.system ?? "" }, ...request.messages].map(textOf).filter(Boolean).join("\n\n");
}

/** @param {TrialDetail} detail */
export function wrongVerdicts({ verdicts = [] }) {
  return verdicts.filter((verdict) => verdict.is_wrong);
}

/**
 * @param {RunFacts} facts
 * @param {CaseResult} result
 * @param {TrialDetail} detail
 */
export function failureMarkdown(facts, result, detail) {
  const reasons = wrongVerdicts(detail).map(({ assertion, name, reason = "" }) => `${name || assertion}: ${reason}`);
  if (detail.error) reasons.push(detail.error.message);
  else if (!reasons.length && detail.reason) reasons.push(detail.reason);
  const reply = lastReply(detail);
  return [
    `**${escapeMarkdown(result.name)}** (${escapeMarkdown(result.path)}:${result.line})`, "",
    ...reasons.map((reason) => `- ${escapeMarkdown(reason)}`),
    ...(reply ? ["", "Reply:", "", indented(textOf(reply.message))] : []),
    "", indented(rerunCommand(facts, result)), "",
  ].join("\n");
}

/** @param {string} text */
function indented(text) {
  return text.split("\n").map((line) => `    ${line}`).join("\n");
}
