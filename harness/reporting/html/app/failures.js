// @ts-check
// The kinds of failure.

/** @import { FailureCluster, Route } from "./types.js" */

import { failureClusters } from "./clusters.js";
import { rerunCommands } from "./commands.js";
import { count, plural } from "./format.js";
import { usePage } from "./page.js";
import { Copy, Empty, Link, Share } from "./parts.js";
import { html, useMemo, useState } from "./preact.js";
import { resultRoute } from "./route.js";

const MOST_CLUSTERS = 100;
const FEW = 3;
const MANY = 200;

/** @param {{ route: Route }} props */
export function Failures({ route }) {
  const page = usePage();
  const clusters = useMemo(() => failureClusters(page), [page]);
  if (!clusters.length) return html`<h2>Failures</h2><${Empty}>Nothing failed that counts.<//>`;
  return html`<h2>${plural(clusters.length, "kind")} of failure</h2>
    ${clusters.slice(0, MOST_CLUSTERS).map((cluster) => html`<${Cluster} cluster=${cluster}
      isOpen=${String(cluster.signature) === route.at} />`)}
    ${clusters.length > MOST_CLUSTERS && html`<p class="soft">… and ${count(clusters.length - MOST_CLUSTERS)} more kinds</p>`}`;
}

/** @param {{ cluster: FailureCluster, isOpen: boolean }} props */
function Cluster({ cluster: { assertion, message, results }, isOpen }) {
  const [all, setAll] = useState(isOpen);
  const shown = results.slice(0, all ? MANY : FEW);
  const suites = [...new Set(results.map((result) => result.suite))];
  return html`<section class="cluster ${isOpen ? "is-chosen" : ""}">
    <h3><strong>${assertion}</strong> <span dir="auto">${message}</span></h3>
    <p>${plural(results.length, "case")} in ${suites.join(", ")}
      <${Copy} text=${() => results.map((result) => result.name).join("\n")} label="copy ids" what="ids" />
      <${Copy} text=${() => rerunCommands(results)} label="copy command to run them again" what="commands" /></p>
    <ul>${shown.map((result) => html`<li><${Link} to=${resultRoute(result)}>${result.name}<//> <${Share} result=${result} /></li>`)}</ul>
    ${shown.length < results.length && html`<button type="button" onClick=${() => setAll(true)}>show ${
      count(Math.min(MANY, results.length))}</button>`}</section>`;
}

/** @param {{ most: number }} props */
export function FrequentFailures({ most }) {
  const page = usePage();
  const clusters = useMemo(() => failureClusters(page).slice(0, most), [page, most]);
  if (!clusters.length) return html`<${Empty}>Nothing failed.<//>`;
  return html`<ol class="ranked">${clusters.map(({ signature, assertion, message, results }) => html`<li>
    <${Link} to=${{ page: "failures", at: signature }} class="name"><strong>${assertion}</strong> ${message}<//>
    <span class="value">${plural(results.length, "case")}</span></li>`)}</ol>`;
}
