// What was said: system prompt, messages, tool calls, thinking, files, and the reply.

function Conversation({ found, row }) {
  const request = found.request;
  if (!request) return html`<${Empty}>Nothing was sent${found.skip ? `: skipped, ${found.skip}` : "."}<//>`;
  const { messages, system, ...settings } = request;
  const reply = lastReply(found);
  return html`<div class="conversation">
    <p class="settings">${Object.entries(settings).map(([name, value]) => html`<span>
      <span class="soft">${name}</span> ${typeof value === "object" ? JSON.stringify(value) : String(value)}</span>`)}</p>
    ${found.vars && html`<details class="fold"><summary>Variables</summary><dl class="pairs">
      ${Object.entries(found.vars).map(([name, value]) => html`<div><dt>${name}</dt>
        <dd dir="auto">${typeof value === "string" ? value : JSON.stringify(value)}</dd></div>`)}</dl></details>`}
    ${system !== undefined && html`<${Message} role="system" content=${system} />`}
    ${messages.map((message) => html`<${Message} role=${message.role} content=${message.content} />`)}
    ${reply && html`<${Message} role="reply" content=${reply.message.content} facts=${replyFacts(reply, row)} />`}
    ${found.error && html`<div class="message is-error"><h4>error</h4><p dir="auto">${found.error.message}</p></div>`}
  </div>`;
}

function replyFacts(reply, row) {
  const parts = [
    reply.message.stop_reason, reply.latency !== undefined && `${reply.latency.toFixed(3)} s`,
    reply.first_token !== undefined && `first token ${reply.first_token.toFixed(3)} s`,
    `${count(rows.tokens_in[row])} + ${count(rows.tokens_out[row])} tokens`,
    reply.cost !== undefined && `$${reply.cost.toFixed(6)}`, reply.delivery,
    reply.origin !== "service" && `from the ${reply.origin}`,
  ];
  return parts.filter(Boolean).join(" · ");
}

function Message({ role, content, facts: told }) {
  const blocks = typeof content === "string" ? [{ type: "text", text: content }] : content || [];
  const text = blocks.filter((each) => each.type === "text").map((each) => each.text).join("\n");
  return html`<div class="message is-${role}"><h4>${role} ${told && html`<span class="soft">${told}</span>`}
    <${Copy} text=${text} label="copy" what=${role} /></h4>
    ${blocks.map((block) => html`<${Block} block=${block} />`)}
    ${!blocks.length && html`<p class="soft">(empty)</p>`}</div>`;
}

function Block({ block }) {
  if (block.type === "text") return html`<${Text} text=${block.text} />`;
  if (block.type === "thinking") {
    return html`<details class="fold"><summary>thinking</summary><${Text} text=${block.thinking || ""} /></details>`;
  }
  if (block.type === "image") return html`<${Picture} source=${block.source} />`;
  if (block.type === "document") return html`<${FileName} source=${block.source} name="document" />`;
  return html`<details class="fold" open><summary>${block.type}${block.name ? `: ${block.name}` : ""}</summary>
    <${Json} value=${block} label=${block.type} /></details>`;
}

const PICTURES = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]);

function Picture({ source }) {
  if (source.type !== "base64" || !source.data || !PICTURES.has(source.media_type)) {
    return html`<${FileName} source=${source} name="image" />`;
  }
  return html`<img class="attachment" alt="attached image" src=${`data:${source.media_type};base64,${source.data}`} />`;
}

function FileName({ source, name }) {
  const size = source.left_out || (source.data ? Math.floor((source.data.length * 3) / 4) : null);
  const parts = [name, source.media_type, size && `${count(size)} bytes`, source.url];
  return html`<p class="file">📎 ${parts.filter(Boolean).join(", ")}${source.left_out ? " (not kept in this report)" : ""}</p>`;
}
