// @ts-check
// The first page: how good is it, what is wrong, where to look.

/** @import { CaseResult, ComputedMetric } from "./types.js" */

import { ChangeVerdicts } from "./changes.js";
import { FrequentFailures } from "./failures.js";
import { count, dollars, milliseconds, percent, plural, seconds, wholePercent } from "./format.js";
import { HeatMap, Matrices, suitesOf } from "./matrix.js";
import { usePage } from "./page.js";
import { Link, Outcome, Share, Table } from "./parts.js";
import { html, useMemo } from "./preact.js";
import { Ranked, Slowest } from "./ranked.js";
import { leastStable, overviewFigures } from "./results.js";
import { casesRoute } from "./route.js";

const MOST_RANKED = 10;

export function Overview() {
  const { comparison, index, results } = usePage();
  return html`<${Figures} />
    ${comparison && html`<${ChangeVerdicts} comparison=${comparison} />`}
    <section><h2>Suites and variants</h2><${Matrices} /></section>
    ${suitesOf(index).map((suite) => html`<${HeatMap} suite=${suite} />`)}
    ${(index.metrics.length > 0 || index.computed.length > 0) && html`<section><h2>Metrics</h2><${Metrics} /></section>`}
    <div class="columns">
      <section><h2>Most frequent failures</h2><${FrequentFailures} most=${MOST_RANKED} /></section>
      <section><h2>Least stable</h2><${Ranked} results=${leastStable(results).slice(0, MOST_RANKED)}
        value=${(/** @type {CaseResult} */ result) => html`<${Share} result=${result} />`} none="No case has repeats that disagree." /></section>
      <section><h2>Slowest</h2><${Slowest} most=${MOST_RANKED} /></section>
    </div>`;
}

function Figures() {
  const { facts, index, results, trialCount } = usePage();
  const figures = useMemo(() => overviewFigures(index, results), [index, results]);
  const { interval } = figures;
  return html`<dl class="figures">
    <${Figure} name="Pass rate" value=${percent(figures.passRate)} note=${interval
      ? `95 %: ${interval.map(wholePercent).join("–")} %` : `of ${plural(figures.judgedCases, "case")}`} />
    <${Figure} name="Wrong" value=${count(figures.wrong)} note="cases to look at" query="s:wrong" />
    <${Figure} name="Flaky" value=${count(figures.flaky)} note="repeats disagree" query="s:flaky" />
    <${Figure} name="Latency" value=${milliseconds(figures.latencyP50)} note=${`p95 ${milliseconds(figures.latencyP95)}`} />
    <${Figure} name="Cost" value=${dollars(figures.cost)} note=${`${count(figures.tokensIn)} + ${count(figures.tokensOut)} tokens`} />
    <${Figure} name="Took" value=${seconds(facts.seconds)} note=${plural(trialCount, "trial")} /></dl>`;
}

/** @param {{ name: string, value: string, note: string, query?: string }} props */
function Figure({ name, value, note, query }) {
  return html`<div><dt>${name}</dt>
    <dd class="big">${query ? html`<${Link} to=${casesRoute(query)}>${value}<//>` : value}</dd>
    <dd class="soft">${note}</dd></div>`;
}

/** What expectations collected under a name, and what the suite computes from it, with its limits. */
function Metrics() {
  const { index } = usePage();
  return html`<${Table} label="Metrics" heads=${["metric", "suite", "variant", "value", "95 %", "limit", "cases"]}>
    ${index.computed.map((metric) => html`<tr><th scope="row">${metric.name}</th><td>${metric.suite}</td><td>${metric.variant}</td>
      <td class="figure">${metric.value === null ? html`<span class="soft">${metric.problem}</span>` : metric.value.toFixed(3)}</td><td></td>
      <td><${Outcome} letter=${metric.value === null ? "e" : metric.passed ? "p" : "f"} /> <span class="soft">${limitsOf(metric)}</span></td><td></td></tr>`)}
    ${index.metrics.map((metric) => html`<tr><th scope="row">${metric.name}</th><td>${metric.suite}</td><td>${metric.variant}</td>
      <td class="figure">${metric.mean.toFixed(3)}</td>
      <td class="figure soft">${metric.interval?.map((end) => end.toFixed(3)).join("–")}</td><td></td>
      <td class="figure">${count(metric.cases)}</td></tr>`)}<//>`;
}

/** @param {ComputedMetric} metric */
function limitsOf({ min, max }) {
  return [min !== null && `at least ${min}`, max !== null && `at most ${max}`].filter(Boolean).join(", ");
}
