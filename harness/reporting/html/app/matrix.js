// @ts-check
// Suites against variants, and temperatures against models.

/** @import { Facts, Group, Index, Report } from "./types.js" */

import { count, rate, seconds } from "./format.js";
import { groupedBy } from "./grouping.js";
import { usePage } from "./page.js";
import { Link, Table } from "./parts.js";
import { html } from "./preact.js";
import { groupKey } from "./results.js";
import { casesRoute } from "./route.js";

/** Suites that ran the same variants share a table, so that no table is full of holes. */
export function Matrices() {
  const page = usePage();
  const tables = groupedBy(suitesOf(page.index), (suite) => JSON.stringify(variantsOfSuite(page, suite)));
  return tables.map(([, suites]) => html`<${Matrix} suites=${suites} variants=${variantsOfSuite(page, suites[0])} />`);
}

/** @param {Index} index */
export function suitesOf(index) {
  return [...new Set(index.groups.map((group) => group.suite))];
}

/**
 * @param {Report} report
 * @param {string} suite
 */
function variantsOfSuite({ groups, index }, suite) {
  return index.variants.filter((variant) => groups.has(groupKey(suite, variant)));
}

/** @param {{ suites: string[], variants: string[] }} props */
function Matrix({ suites, variants }) {
  return html`<${Table} label=${`Suites and variants: ${variants.join(", ")}`} kind="matrix" heads=${["suite", ...variants]}>
    ${suites.map((suite) => html`<tr><th scope="row">${suite}</th>
      ${variants.map((variant) => html`<${Cell} suite=${suite} variant=${variant} />`)}</tr>`)}<//>`;
}

/** @param {{ suite: string, variant: string | undefined }} props */
function Cell({ suite, variant }) {
  const { groups, index } = usePage();
  const group = groups.get(groupKey(suite, variant ?? ""));
  if (!group) return html`<td class="none"><span class="unseen">did not run</span></td>`;
  const flips = [...index.flips].reverse().filter(({ name }) => group.flips[name]);
  return html`<td class="cell is-${levelOf(group.pass_rate.share)}"><${Link} to=${casesRoute(queryOf(group))}>
    <span class="rate">${rate(group.pass_rate)}</span>
    <span class="soft">${group.pass_rate.split} cases</span>
    ${flips.length > 0 && html`<span>${flips.map(({ name, title }) => `${count(group.flips[name])} ${title}`).join(", ")}</span>`}
    <span class="soft">${seconds(group.latency_p50)} · p95 ${seconds(group.latency_p95)}${
      group.cost ? ` · $${group.cost.toFixed(4)}` : ""}</span><//></td>`;
}

/** @param {Group} group */
function queryOf({ suite, variant }) {
  return `suite:"${suite}" v:"${variant}"`;
}

/** @param {number | null} share */
function levelOf(share) {
  if (share === null) return "none";
  if (share === 1) return "full";
  if (share >= 0.8) return "most";
  return share > 0 ? "some" : "no";
}

/**
 * Where a suite has several models and several temperatures: one against the other.
 *
 * @param {{ suite: string }} props
 */
export function HeatMap({ suite }) {
  const { index } = usePage();
  const settings = settingsOf(index, suite);
  const models = [...new Set(settings.map(({ model }) => model))];
  const temperatures = [...new Set(settings.map(({ temperature }) => temperature))].sort((one, other) => one - other);
  if (models.length < 2 || temperatures.length < 2) return null;
  /**
   * @param {string} model
   * @param {number} temperature
   */
  const variantAt = (model, temperature) =>
    settings.find((setting) => setting.model === model && setting.temperature === temperature)?.variant;
  return html`<section><h2>${suite}: temperature against model</h2>
    <${Table} label="Temperature against model" kind="matrix" heads=${["temperature", ...models]}>
    ${temperatures.map((temperature) => html`<tr><th scope="row">${temperature}</th>
      ${models.map((model) => html`<${Cell} suite=${suite} variant=${variantAt(model, temperature)} />`)}</tr>`)}<//></section>`;
}

/**
 * The variants of a suite that state model and temperature.
 *
 * @param {Index} index
 * @param {string} suite
 * @returns {(Required<Facts> & { variant: string })[]}
 */
function settingsOf({ facts, suites, variants }, suite) {
  return facts.flatMap(([suiteNumber, variantNumber, { model, temperature }]) =>
    (suites[suiteNumber][0] === suite && model !== undefined && temperature !== undefined
      ? [{ model, temperature, variant: variants[variantNumber] }] : []));
}
