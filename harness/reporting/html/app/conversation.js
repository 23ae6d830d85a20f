// @ts-check
// The conversation: system prompt, messages, tool calls, thinking, files, and the reply.

/** @import { Columns, Content, ContentBlock, Reply, Source, TrialDetail } from "./types.js" */

import { count, tokens } from "./format.js";
import { usePage } from "./page.js";
import { Copy, Empty, Json, Text } from "./parts.js";
import { html } from "./preact.js";
import { lastReply } from "./transcript.js";

const PICTURES = ["image/png", "image/jpeg", "image/gif", "image/webp"];

/** @param {{ detail: TrialDetail, trial: number }} props */
export function Conversation({ detail, trial }) {
  const { index } = usePage();
  const { request, error } = detail;
  if (!request) return html`<${Empty}>Nothing was sent${detail.skip ? `: skipped, ${detail.skip}` : "."}<//>`;
  const { messages, system, ...settings } = request;
  const reply = lastReply(detail);
  return html`<div class="conversation">
    <p class="settings">${Object.entries(settings).map(([name, value]) => html`<span>
      <span class="soft">${name}</span> ${plain(value)}</span>`)}</p>
    ${detail.vars && html`<details class="fold"><summary>Variables</summary><dl class="pairs">
      ${Object.entries(detail.vars).map(([name, value]) => html`<div><dt>${name}</dt>
        <dd dir="auto">${plain(value)}</dd></div>`)}</dl></details>`}
    ${system !== undefined && html`<${Message} role="system" content=${system} />`}
    ${messages.map((message) => html`<${Message} role=${message.role} content=${message.content} />`)}
    ${reply && html`<${Message} role="reply" content=${reply.message.content} facts=${replyFacts(reply, index.rows, trial)} />`}
    ${error && html`<div class="message is-error"><h4>error</h4><p dir="auto">${error.message}</p></div>`}
  </div>`;
}

/** @param {unknown} value */
export function plain(value) {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/**
 * @param {Reply} reply
 * @param {Columns} rows
 * @param {number} trial
 */
function replyFacts(reply, rows, trial) {
  return [
    reply.message.stop_reason, reply.latency !== undefined && `${reply.latency.toFixed(3)} s`,
    reply.first_token !== undefined && `first token ${reply.first_token.toFixed(3)} s`,
    tokens(rows.tokens_in[trial], rows.tokens_out[trial]),
    reply.cost !== undefined && `$${reply.cost.toFixed(6)}`, reply.delivery,
    reply.origin !== "service" && `from the ${reply.origin}`,
  ].filter(Boolean).join(" · ");
}

/** @param {{ role: string, content: Content, facts?: string }} props */
export function Message({ role, content, facts }) {
  const blocks = typeof content === "string" ? [{ type: "text", text: content }] : content || [];
  const text = blocks.filter(({ type }) => type === "text").map((block) => block.text).join("\n");
  return html`<div class="message is-${role}"><h4>${role} ${facts && html`<span class="soft">${facts}</span>`}
    <${Copy} text=${text} label="copy" what=${role} /></h4>
    ${blocks.map((block) => html`<${Block} block=${block} />`)}
    ${!blocks.length && html`<p class="soft">(empty)</p>`}</div>`;
}

/** @param {{ block: ContentBlock }} props */
function Block({ block }) {
  const { type, text = "", thinking = "", name, source } = block;
  if (type === "text") return html`<${Text} text=${text} />`;
  if (type === "thinking") {
    return html`<details class="fold"><summary>thinking</summary><${Text} text=${thinking} /></details>`;
  }
  if (type === "image" && source) return html`<${Picture} source=${source} />`;
  if (type === "document" && source) return html`<${FileName} source=${source} name="document" />`;
  return html`<details class="fold" open><summary>${type}${name ? `: ${name}` : ""}</summary>
    <${Json} value=${block} label=${type} /></details>`;
}

/** @param {{ source: Source }} props */
function Picture({ source: { type, data, media_type = "", ...source } }) {
  if (type !== "base64" || !data || !PICTURES.includes(media_type)) {
    return html`<${FileName} source=${{ type, data, media_type, ...source }} name="image" />`;
  }
  return html`<img class="attachment" alt="attached image" src=${`data:${media_type};base64,${data}`} />`;
}

/** @param {{ source: Source, name: string }} props */
function FileName({ source, name }) {
  const size = source.left_out || (source.data ? Math.floor((source.data.length * 3) / 4) : null);
  const parts = [name, source.media_type, size && `${count(size)} bytes`, source.url];
  return html`<p class="file">📎 ${parts.filter(Boolean).join(", ")}${source.left_out ? " (not kept in this report)" : ""}</p>`;
}
