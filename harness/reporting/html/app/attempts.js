// @ts-check
// The calls that a trial took, and the data as it was sent and received.

/** @import { CaseResult, TrialDetail } from "./types.js" */

import { curlCommand } from "./commands.js";
import { download } from "./download.js";
import { seconds } from "./format.js";
import { usePage } from "./page.js";
import { Copy, Empty, Json, Table } from "./parts.js";
import { html } from "./preact.js";

const HEADS = ["", "for", "status", "took", "waited before", "why", "request"];

/** @param {{ detail: TrialDetail }} props */
export function Attempts({ detail }) {
  const { attempts = [], timings = {} } = detail;
  if (!attempts.length) {
    return html`<${Empty}>There was no call: ${detail.skip ? "it was skipped" : "the reply was reused"}.<//>`;
  }
  return html`<${Table} label="Attempts" heads=${HEADS}>${attempts.map((attempt, position) => html`<tr>
      <td>${position + 1}</td><td>${attempt.purpose}</td><td>${attempt.status ?? "none"}</td>
      <td class="figure">${seconds(attempt.seconds)}</td><td class="figure">${attempt.wait ? seconds(attempt.wait) : ""}</td>
      <td dir="auto">${attempt.reason || ""}</td><td><code>${attempt.request_id || ""}</code></td></tr>`)}<//>
    <p class="soft">${Object.entries(timings).filter(([, value]) => value !== null)
      .map(([name, value]) => `${name.replace("_", " ")} ${seconds(value)}`).join(" · ")}</p>`;
}

/** @param {{ detail: TrialDetail, result: CaseResult }} props */
export function Raw({ detail, result }) {
  const { facts } = usePage();
  const json = () => JSON.stringify(detail, null, 2);
  return html`<p class="actions"><${Copy} text=${json} label="copy all" what="raw" />
      <${Copy} text=${() => curlCommand(facts, detail.request)} label="copy as curl" what="curl" />
      <button type="button" class="small" onClick=${() => download(`${result.case}.json`, [json()])}>download</button></p>
    <h3>Request</h3><${Json} value=${detail.request ?? null} label="request" />
    <h3>Replies</h3><${Json} value=${detail.replies ?? []} label="replies" />`;
}
