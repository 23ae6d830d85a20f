// @ts-check
// What was said in a trial, and what was decided against it, as plain texts.

/** @import { CaseResult, Message, Reply, RunFacts, TrialDetail, Verdict } from "./types.js" */

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

/** @param {TrialDetail} detail */
export function promptOf({ request }) {
  if (!request) return null;
  return [{ content: request.system ?? "" }, ...request.messages].map(textOf).filter(Boolean).join("\n\n");
}

/** @param {TrialDetail} detail */
export function wrongVerdicts({ verdicts = [] }) {
  return verdicts.filter(isWrongVerdict);
}

/** @param {Verdict} verdict */
export function isWrongVerdict(verdict) {
  return !verdict.passed && verdict.severity !== "warn" && verdict.weight !== 0 && !verdict.left_out;
}

/**
 * @param {RunFacts} facts
 * @param {CaseResult} result
 * @param {TrialDetail} detail
 */
export function failureMarkdown(facts, result, detail) {
  const reasons = wrongVerdicts(detail).map(({ assertion, reason = "" }) => `${assertion}: ${reason}`);
  if (detail.error) reasons.push(detail.error.message);
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
