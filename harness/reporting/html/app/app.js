// @ts-check
// The frame round all pages: header, navigation, help.

/** @import { Route } from "./types.js" */

import { CasePage } from "./case.js";
import { Cases } from "./cases.js";
import { Changes } from "./changes.js";
import { Failures } from "./failures.js";
import { moment, plural } from "./format.js";
import { Help } from "./help.js";
import { useKeys } from "./keys.js";
import { useRoute } from "./navigation.js";
import { Overview } from "./overview.js";
import { usePage } from "./page.js";
import { Link } from "./parts.js";
import { Performance } from "./performance.js";
import { html, useEffect, useRef, useState } from "./preact.js";
import { RunPage } from "./run.js";
import { Theme } from "./theme.js";

const TITLES = new Map([
  ["overview", "Overview"], ["cases", "Cases"], ["failures", "Failures"], ["diff", "Changes"],
  ["perf", "Speed and cost"], ["run", "Run"],
]);
/** @type {Map<string, (props: { route: Route }) => unknown>} */
const PAGES = new Map([
  ["overview", Overview], ["cases", Cases], ["c", CasePage], ["failures", Failures], ["diff", Changes],
  ["perf", Performance], ["run", RunPage],
]);

export function App() {
  const { facts } = usePage();
  const route = useRoute();
  const [help, setHelp] = useState(false);
  /** @type {{ current: HTMLElement }} */
  const main = useRef();
  useKeys(route, () => setHelp(true));
  useEffect(() => {
    document.title = `${route.name || (TITLES.get(route.page) ?? "harness")} · ${facts.verdict} · harness`;
  });
  /** @param {Event} event */
  const skip = (event) => { event.preventDefault(); main.current.focus(); };
  return html`<a class="skip" href="#main" onClick=${skip}>Skip to content</a>
    <${Header} route=${route} openHelp=${() => setHelp(true)} />
    <main id="main" ref=${main} tabindex="-1" class="is-${route.page}">
      <${PAGES.get(route.page) ?? NoPage} route=${route} /></main>
    ${help && html`<${Help} close=${() => setHelp(false)} />`}`;
}

function NoPage() {
  return html`<h2>No such page</h2><p><${Link} to=${{ page: "overview" }}>Overview<//></p>`;
}

/** @param {{ route: Route, openHelp: () => void }} props */
function Header({ route, openHelp }) {
  const { comparison, facts, index: { warnings } } = usePage();
  const current = route.page === "c" ? "cases" : route.page;
  return html`<header class="top">
    <p class="verdict is-${facts.kind}"><span aria-hidden="true">${facts.sign}</span> ${facts.verdict}</p>
    <p class="counts">${facts.totals}</p>
    <p class="soft about"><time dateTime=${facts.started} title=${facts.started}>${moment(facts.started)}</time>
      ${facts.git && html` · <code>${facts.git.slice(0, 10)}</code>`}${comparison && html` · baseline ${comparison.name}`}
      ${facts.simulated && html` · <strong>built-in simulator, no model</strong>`}</p>
    <nav aria-label="Pages">${[...TITLES].map(([page, title]) => html`<${Link} to=${{ page }}
      aria-current=${page === current ? "page" : undefined}>${title}<//>`)}
      <span class="right"><${Theme} /><button type="button" onClick=${openHelp} aria-label="Help">?</button></span></nav>
    ${warnings.length > 0 && html`<details class="warnings"><summary>${plural(warnings.length, "warning")}</summary>
      <ul>${warnings.map((warning) => html`<li>${warning}</li>`)}</ul></details>`}</header>`;
}
