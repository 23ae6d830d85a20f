// One case in one variant: what was said, how it was judged, how it got here, and beside others.

const TABS = ["compare", "conversation", "assertions", "attempts", "raw"];
const MOST_COLUMNS = 4;

function CasePage({ route }) {
  const unit = unitByName.get(route.name);
  if (!unit) return html`<${NotHere} name=${route.name} />`;
  return html`<div class="page-case"><${CaseView} unit=${unit} route=${route} key=${unit.name} /></div>`;
}

function chosenRow(unit, route) {
  const asked = unit.rows.find((row) => String(rows.repeat[row]) === route.r);
  return asked ?? unit.rows.find((row) => "fe".includes(rows.outcome[row])) ?? unit.rows[0];
}

function CaseView({ unit, route }) {
  const tab = TABS.includes(route.tab) ? route.tab : "conversation";
  const row = chosenRow(unit, route);
  const state = useLater(() => detail(row), [row]);
  return html`<article class="case" aria-label=${unit.name}>
    <header>${route.page === "cases" && html`<p class="back"><${Link} to=${{ ...route, name: "" }}>← list<//></p>`}
      <h2 dir="auto">${unit.name}</h2>
      <p><${Share} unit=${unit} /> <${Flip} unit=${unit} />
        <span class="soft"> ${unit.path}:${unit.line}</span>
        ${unit.tags.map((tag) => html`<span class="tag">@${tag}</span>`)}</p>
      <p class="actions"><${Copy} text=${unit.name} label="copy id" what="id" />
        <${Copy} text=${rerunCommand(unit)} label="copy command to run it again" what="command" />
        <${Copy} text=${async () => failureMarkdown(unit, await detail(row))} label="copy as Markdown" what="markdown" />
        ${route.page === "cases" && html`<${Link} to=${unitRoute(unit)} class="small">whole page<//>`}</p>
      <${Variants} unit=${unit} route=${route} /><${RepeatChoice} unit=${unit} row=${row} route=${route} /></header>
    <div class="tabs" role="tablist" aria-label="What is shown">${TABS.map((each, place) => html`<a role="tab"
      href=${hashOf({ ...route, tab: each })} aria-selected=${each === tab ? "true" : "false"}
      tabindex=${each === tab ? 0 : -1} title=${`key ${place + 1}`}>${each}</a>`)}</div>
    <div role="tabpanel" aria-label=${tab}>
      ${tab === "compare" ? html`<${Compare} unit=${unit} row=${row} route=${route} />`
        : html`<${Later} state=${state}>${(found) =>
            tab === "conversation" ? html`<${Reasons} found=${found} /><${Conversation} found=${found} row=${row} />`
              : tab === "assertions" ? html`<${Assertions} found=${found} unit=${unit} />`
                : tab === "attempts" ? html`<${Attempts} found=${found} />`
                  : html`<${Raw} found=${found} unit=${unit} />`}<//>`}
    </div></article>`;
}

function siblings(unit) {
  return units.filter((each) => each.caseNumber === unit.caseNumber);
}

function Variants({ unit, route }) {
  const found = siblings(unit);
  if (found.length < 2) return null;
  return html`<nav class="chips" aria-label="Variants">${found.map((each) => html`<${Link}
    to=${{ ...route, name: each.name, r: undefined }} class="chip ${each === unit ? "is-chosen" : ""}"
    aria-current=${each === unit ? "true" : undefined}><${Outcome} letter=${each.label} word=${false} /> ${each.variant}<//>`)}</nav>`;
}

// Repeats that said the same stand together.
function RepeatChoice({ unit, row, route }) {
  if (unit.rows.length < 2) return null;
  const groups = new Map();
  for (const each of unit.rows) {
    const key = rows.reply[each] < 0 ? `none ${rows.signature[each]}` : rows.reply[each];
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(each);
  }
  return html`<nav class="repeats" aria-label="Repeats">${[...groups.values()].map((same) => html`<span class="chips same">
    ${same.length > 1 && html`<span class="soft">same reply ×${same.length}</span>`}
    ${same.map((each) => html`<${Link} to=${{ ...route, r: rows.repeat[each] }} class="chip ${each === row ? "is-chosen" : ""}"
      aria-current=${each === row ? "true" : undefined}><${Outcome} letter=${rows.outcome[each]} word=${false} /> #${rows.repeat[each]}<//>`)}</span>`)}</nav>`;
}

function isWrongVerdict(verdict) {
  return !verdict.passed && verdict.severity !== "warn" && verdict.weight !== 0 && !verdict.left_out;
}

function Reasons({ found }) {
  const wrongOnes = (found.verdicts || []).filter(isWrongVerdict);
  if (!wrongOnes.length) return null;
  return html`<ul class="reasons">${wrongOnes.map((verdict) => html`<li class="is-failed">
    <span aria-hidden="true">✗</span> <strong>${verdict.name || verdict.assertion}</strong>: <span dir="auto">${verdict.reason}</span></li>`)}</ul>`;
}

function Assertions({ found, unit }) {
  const verdicts = found.verdicts || [];
  if (!verdicts.length) return html`<${Empty}>Nothing was judged${found.error ? ": there is no reply." : "."}<//>`;
  const reply = lastReply(found);
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Assertions"><table class="verdicts">
    <thead><tr><th scope="col">verdict</th><th scope="col">assertion</th><th scope="col">score</th><th scope="col">why</th></tr></thead>
    <tbody>${verdicts.map((verdict) => html`<tr>
      <td><${VerdictSign} verdict=${verdict} /></td>
      <td><strong>${verdict.name || verdict.assertion}</strong><div class="soft">${unit.path}:${verdict.line}${
        verdict.turn ? `, turn ${verdict.turn}` : ""}${verdict.weight !== undefined ? `, weight ${verdict.weight}` : ""}</div></td>
      <td class="figure">${verdict.left_out ? "" : verdict.score.toFixed(2)}</td>
      <td dir="auto">${verdict.reason || html`<span class="soft">as expected</span>`}
        ${verdict.expected !== undefined && html`<div class="pair"><span class="soft">expected</span><pre dir="auto">${verdict.expected}</pre></div>`}
        ${verdict.actual !== undefined && html`<div class="pair"><span class="soft">actual</span><pre dir="auto">${verdict.actual}</pre></div>`}
        ${verdict.expected !== undefined && verdict.actual !== undefined && verdict.expected !== verdict.actual &&
          html`<details class="fold"><summary>difference</summary><${Difference} before=${verdict.expected} after=${verdict.actual} label="difference" /></details>`}
        ${verdict.asked && html`<${Asked} calls=${verdict.asked} />`}
        ${verdict.error && html`<pre class="trace">${verdict.error}</pre>`}</td></tr>`)}</tbody></table></div>
    ${found.threshold !== undefined && html`<p>Score ${found.score}, the threshold is ${found.threshold}.</p>`}
    ${reply && html`<${Message} role="reply" content=${reply.message.content} />`}`;
}

// What a judge saw, and what it answered.
function Asked({ calls }) {
  const models = [...new Set(calls.map((call) => call.model))].join(", ");
  return html`<details class="fold asked"><summary>judged by ${models}, ${plural(calls.length, "call")}</summary>
    ${calls.map((call, place) => html`<h4>Call ${place + 1}: ${seconds(call.latency)}, ${count(call.input_tokens)} + ${
      count(call.output_tokens)} tokens${call.cost ? `, $${call.cost.toFixed(4)}` : ""}${
      call.origin === "service" ? "" : `, from the ${call.origin}`}${
      (call.attempts || []).length > 1 ? `, after ${plural(call.attempts.length, "attempt")}` : ""}</h4>
    ${call.error && html`<p class="problem" dir="auto">It did not answer: ${call.error}</p>`}
    <${Text} text=${call.answer} label="what the judge answered" />
    <details class="fold"><summary>what it saw</summary><${Text} text=${call.system} label="system prompt of the judge" />
      ${call.messages.map((message) => html`<${Message} role=${message.role} content=${message.content} />`)}</details>`)}</details>`;
}

function VerdictSign({ verdict }) {
  if (verdict.error !== undefined) return html`<${Outcome} letter="e" />`;
  if (verdict.left_out) return html`<span class="soft">left out</span>`;
  if (verdict.passed) return html`<${Outcome} letter="p" />`;
  return isWrongVerdict(verdict) ? html`<${Outcome} letter="f" />` : html`<span class="soft">only shown</span>`;
}

function Attempts({ found }) {
  const attempts = found.attempts || [];
  if (!attempts.length) return html`<${Empty}>There was no call: ${found.skip ? "it was skipped" : "the reply was known"}.<//>`;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Attempts"><table>
    <thead><tr>${["", "for", "status", "took", "waited before", "why", "request"].map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
    <tbody>${attempts.map((each, place) => html`<tr><td>${place + 1}</td><td>${each.purpose}</td><td>${each.status ?? "none"}</td>
      <td class="figure">${seconds(each.seconds)}</td><td class="figure">${each.wait ? seconds(each.wait) : ""}</td>
      <td dir="auto">${each.reason || ""}</td><td><code>${each.request_id || ""}</code></td></tr>`)}</tbody></table></div>
    <p class="soft">${Object.entries(found.timings || {}).filter(([, value]) => value !== null)
      .map(([name, value]) => `${name.replace("_", " ")} ${seconds(value)}`).join(" · ")}</p>`;
}

function Raw({ found, unit }) {
  return html`<p class="actions"><${Copy} text=${() => JSON.stringify(found, null, 2)} label="copy all" what="raw" />
      <${Copy} text=${() => curl(found)} label="copy as curl" what="curl" />
      <button type="button" class="small" onClick=${() => download(`${unit.case}.json`, JSON.stringify(found, null, 2))}>download</button></p>
    <h3>Request</h3><${Json} value=${found.request ?? null} label="request" />
    <h3>Replies</h3><${Json} value=${found.replies ?? []} label="replies" />`;
}

function curl(found) {
  const base = (facts.settings || {}).base_url || "https://api.example.com";
  const body = JSON.stringify(found.request);
  return `curl ${quoted(`${base}/v1/messages`)} -H "Authorization: Bearer $HARNESS_API_KEY"`
    + ` -H 'content-type: application/json' -d ${quoted(body)}`;
}

function failureMarkdown(unit, found) {
  const lines = [`**${markdown(unit.name)}** (${markdown(unit.path)}:${unit.line})`, ""];
  for (const verdict of (found.verdicts || []).filter(isWrongVerdict)) lines.push(`- ${markdown(verdict.assertion)}: ${markdown(verdict.reason)}`);
  if (found.error) lines.push(`- ${markdown(found.error.message)}`);
  const reply = lastReply(found);
  if (reply) lines.push("", "Reply:", "", ...textOf(reply.message).split("\n").map((line) => `    ${line}`));
  return `${lines.join("\n")}\n\n    ${rerunCommand(unit)}\n`;
}

// Variants and the baseline beside each other, with what differs from the one that was chosen.
function Compare({ unit, row, route }) {
  const others = siblings(unit).filter((each) => each !== unit);
  const before = index.before.includes(unit.name);
  const columns = [unit, ...others].slice(0, MOST_COLUMNS);
  const state = useLater(() => columnsOf(columns, unit, row, before), [unit, row]);
  if (others.length === 0 && !before) {
    return html`<${Empty}>There is no other variant, and ${comparison
      ? "the baseline keeps no replies of this case (harness baseline save --with-replies)" : "no baseline to compare with"}.<//>`;
  }
  return html`<${Later} state=${state}>${(found) => {
    const chosen = found.find((each) => each.name === route.vs) || found[before ? 1 : 0];
    return html`<p class="chips" role="group" aria-label="Compare with"><span class="soft">differences from</span>
      ${found.map((each) => html`<${Link} to=${{ ...route, vs: each.name }} class="chip ${each === chosen ? "is-chosen" : ""}">${each.name}<//>`)}</p>
      <div class="side-by-side">${grouped(found).map((same) => html`<section class="column">
        <h3>${same.map((each) => each.name).join(" = ")}${same.length > 1 ? html` <span class="soft">${same.length} identical</span>` : ""}</h3>
        ${same[0].letter && html`<p><${Outcome} letter=${same[0].letter} /></p>`}
        ${same[0].text === null ? html`<p class="soft">no reply</p>`
          : route.diff !== "off" && chosen.text !== null && same[0].text !== chosen.text
            ? html`<${Difference} before=${chosen.text} after=${same[0].text} label=${same[0].name} />`
            : html`<${Text} text=${same[0].text} label=${same[0].name} />`}
        ${same[0].prompt !== chosen.prompt && same[0].prompt !== undefined && chosen.prompt !== undefined &&
          html`<details class="fold"><summary>the prompt differs</summary><${Difference} before=${chosen.prompt} after=${same[0].prompt} label="prompt" /></details>`}
      </section>`)}</div>`;
  }}<//>`;
}

async function columnsOf(columns, unit, row, before) {
  const found = await Promise.all(columns.map(async (each) => {
    const one = each === unit ? row : chosenRow(each, {});
    const about = await detail(one);
    const reply = lastReply(about);
    return { name: each.variant, letter: rows.outcome[one], text: reply ? textOf(reply.message) : null, prompt: promptOf(about) };
  }));
  if (before) {
    const texts = await repliesBefore(unit.name);
    found.splice(1, 0, { name: "baseline", text: texts.length ? texts[0] : null });
  }
  return found;
}

function promptOf(found) {
  if (!found.request) return undefined;
  const { system = "", messages } = found.request;
  const parts = [{ content: system }, ...messages].map((each) => textOf(each));
  return parts.filter(Boolean).join("\n\n");
}

function grouped(columns) {
  const groups = new Map();
  columns.forEach((each, place) => {
    const key = each.text === null ? `none ${place}` : each.text;
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(each);
  });
  return [...groups.values()];
}
