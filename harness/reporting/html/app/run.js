// @ts-check
// How the run was made: command, settings, suites.

import { quoted } from "./commands.js";
import { plain } from "./conversation.js";
import { count, moment, seconds } from "./format.js";
import { usePage } from "./page.js";
import { Table } from "./parts.js";
import { html } from "./preact.js";

const SUITE_HEADS = ["suite", "file", "cases", "variants", "SHA-256"];

export function RunPage() {
  const { facts, index: { warnings } } = usePage();
  return html`<h2>Run ${facts.id}</h2><dl class="pairs wide">
      <div><dt>started</dt><dd><time dateTime=${facts.started} title=${facts.started}>${moment(facts.started)}</time></dd></div>
      <div><dt>took</dt><dd>${seconds(facts.seconds)}</dd></div>
      <div><dt>command</dt><dd><code>${(facts.command ?? []).map(quoted).join(" ")}</code></dd></div>
      <div><dt>harness</dt><dd>${facts.harness}</dd></div>
      <div><dt>git</dt><dd>${facts.git || "not known"}</dd></div>
      <div><dt>exit status</dt><dd>${facts.exit_code ?? "none: it did not come to its end"}${facts.stopped ? ` (${facts.stopped})` : ""}</dd></div>
      ${facts.simulated && html`<div><dt>service</dt><dd>the built-in simulator; no model was asked</dd></div>`}</dl>
    ${warnings.length > 0 && html`<h3>Warnings</h3><ul>${warnings.map((warning) => html`<li>${warning}</li>`)}</ul>`}
    ${facts.merged && html`<h3>Merged from</h3><ul>${facts.merged.runs.map((run) => html`<li><code>${run}</code></li>`)}</ul>`}
    <h3>Suites</h3><${Table} label="Suites" heads=${SUITE_HEADS}>
      ${(facts.suites ?? []).map((suite) => html`<tr><th scope="row">${suite.name}</th><td>${suite.path}</td>
        <td class="figure">${count(suite.cases)}</td><td>${suite.variants.join(", ")}</td><td><code>${(suite.sha256 ?? "").slice(0, 16)}</code></td></tr>`)}<//>
    <h3>Settings</h3><dl class="pairs wide">${Object.entries(facts.settings ?? {}).map(([name, value]) => html`<div>
      <dt>${name}</dt><dd>${plain(value)}</dd></div>`)}</dl>`;
}
