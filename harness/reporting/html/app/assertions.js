// @ts-check
// How a trial was judged.

/** @import { CaseResult, JudgeCall, TrialDetail, Verdict } from "./types.js" */

import { Message } from "./conversation.js";
import { Difference } from "./difference.js";
import { plural, seconds, tokens } from "./format.js";
import { Empty, Outcome, Table, Text } from "./parts.js";
import { html } from "./preact.js";
import { lastReply, wrongVerdicts } from "./transcript.js";

/**
 * Why the trial did not pass.
 *
 * @param {{ detail: TrialDetail }} props
 */
export function Reasons({ detail }) {
  const wrong = wrongVerdicts(detail);
  // a score below the threshold has no verdict of its own, and an error is shown in the conversation
  if (!wrong.length && detail.reason && !detail.error) {
    return html`<ul class="reasons"><li class="is-failed"><span aria-hidden="true">✗</span> ${detail.reason}</li></ul>`;
  }
  if (!wrong.length) return null;
  return html`<ul class="reasons">${wrong.map(({ assertion, error, name, reason }) => html`<li
    class="is-${error === undefined ? "failed" : "errored"}"><span aria-hidden="true">${error === undefined ? "✗" : "!"}</span>${" "}
    <strong>${name || assertion}</strong>: ${error !== undefined && "could not judge: "}<span dir="auto">${reason}</span></li>`)}</ul>`;
}

/** @param {{ detail: TrialDetail, result: CaseResult }} props */
export function Assertions({ detail, result }) {
  const { verdicts = [] } = detail;
  if (!verdicts.length) return html`<${Empty}>Nothing was judged${detail.error ? ": there is no reply." : "."}<//>`;
  const reply = lastReply(detail);
  return html`<${Table} label="Assertions" kind="verdicts" heads=${["verdict", "assertion", "score", "why"]}>
      ${verdicts.map((verdict) => html`<${VerdictRow} verdict=${verdict} path=${result.path} />`)}<//>
    ${detail.threshold !== undefined && html`<p>Score ${detail.score}, the threshold is ${detail.threshold}.</p>`}
    ${reply && html`<${Message} role="reply" content=${reply.message.content} />`}`;
}

/** @param {{ verdict: Verdict, path: string }} props */
function VerdictRow({ verdict, path }) {
  const { expected, actual, turn, weight, asked, error } = verdict;
  const differs = expected !== undefined && actual !== undefined && expected !== actual;
  return html`<tr><td><${VerdictSign} verdict=${verdict} /></td>
    <td><strong>${verdict.name || verdict.assertion}</strong><div class="soft">${path}:${verdict.line}${
      turn ? `, turn ${turn}` : ""}${weight === undefined ? "" : `, weight ${weight}`}</div></td>
    <td class="figure">${verdict.left_out ? "" : verdict.score.toFixed(2)}</td>
    <td dir="auto">${verdict.reason || html`<span class="soft">as expected</span>`}
      ${expected !== undefined && html`<div class="pair"><span class="soft">expected</span><pre dir="auto">${expected}</pre></div>`}
      ${actual !== undefined && html`<div class="pair"><span class="soft">actual</span><pre dir="auto">${actual}</pre></div>`}
      ${differs && html`<details class="fold"><summary>difference</summary>
        <${Difference} before=${expected} after=${actual} label="difference" /></details>`}
      ${asked && html`<${JudgeCalls} calls=${asked} />`}
      ${error && html`<pre class="trace">${error}</pre>`}</td></tr>`;
}

/** @param {{ verdict: Verdict }} props */
function VerdictSign({ verdict }) {
  if (verdict.error !== undefined) return html`<${Outcome} label="errored" />`;
  if (verdict.left_out) return html`<span class="soft">left out</span>`;
  if (verdict.passed) return html`<${Outcome} label="passed" />`;
  return verdict.is_wrong ? html`<${Outcome} label="failed" />` : html`<span class="soft">only shown</span>`;
}

/**
 * What a judge saw, and what it answered.
 *
 * @param {{ calls: JudgeCall[] }} props
 */
function JudgeCalls({ calls }) {
  const models = [...new Set(calls.map((call) => call.model))].join(", ");
  return html`<details class="fold asked"><summary>judged by ${models}, ${plural(calls.length, "call")}</summary>
    ${calls.map((call, position) => html`<h4>Call ${position + 1}: ${callFacts(call)}</h4>
    ${call.error && html`<p class="problem" dir="auto">It did not answer: ${call.error}</p>`}
    <${Text} text=${call.answer} label="what the judge answered" />
    <details class="fold"><summary>what it saw</summary><${Text} text=${call.system} label="system prompt of the judge" />
      ${call.messages.map((message) => html`<${Message} role=${message.role} content=${message.content} />`)}</details>`)}</details>`;
}

/** @param {JudgeCall} call */
function callFacts({ latency, input_tokens: tokensIn, output_tokens: tokensOut, cost, origin, attempts = [] }) {
  return [
    seconds(latency), tokens(tokensIn, tokensOut), cost && `$${cost.toFixed(4)}`,
    origin !== "service" && `from the ${origin}`,
    attempts.length > 1 && `after ${plural(attempts.length, "attempt")}`,
  ].filter(Boolean).join(", ");
}
