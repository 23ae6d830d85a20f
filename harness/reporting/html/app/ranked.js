// @ts-check
// The case results that stand out.

/** @import { CaseResult } from "./types.js" */

import { highest } from "./arrange.js";
import { milliseconds } from "./format.js";
import { usePage } from "./page.js";
import { Empty, Link } from "./parts.js";
import { html } from "./preact.js";
import { resultRoute } from "./route.js";

/**
 * Case results in an order, with a value each.
 *
 * @param {{ results: CaseResult[], value: (result: CaseResult) => unknown, none: string }} props
 */
export function Ranked({ results, value, none }) {
  if (!results.length) return html`<${Empty}>${none}<//>`;
  return html`<ol class="ranked">${results.map((result) => html`<li>
    <${Link} to=${resultRoute(result)} class="name">${result.name}<//><span class="value">${value(result)}</span></li>`)}</ol>`;
}

/** @param {{ most: number }} props */
export function Slowest({ most }) {
  const { results } = usePage();
  return html`<${Ranked} results=${highest(results, (result) => result.latency, most)}
    value=${(/** @type {CaseResult} */ result) => milliseconds(result.latency)} none="Nothing was timed." />`;
}
