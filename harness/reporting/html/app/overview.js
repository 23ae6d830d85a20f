// @ts-check
// The first page: pass rate, what needs attention, where to look.

/** @import { CaseResult, ComputedMetric, Label } from "./types.js" */

import { ChangeVerdicts } from "./changes.js";
import { FrequentFailures } from "./failures.js";
import { LABEL_SIGNS, count, plural, seconds, tokens, usd } from "./format.js";
import { HeatMap, Matrices, suitesOf } from "./matrix.js";
import { usePage } from "./page.js";
import { Link, Share, Table } from "./parts.js";
import { html } from "./preact.js";
import { Ranked, Slowest } from "./ranked.js";
import { leastStable } from "./results.js";
import { casesRoute } from "./route.js";

const MOST_RANKED = 10;
/** @type {Record<ComputedMetric["status"], Label>} the outcomes whose signs and colours stand for a status */
const METRIC_LABELS = { ok: "passed", missed: "failed", errored: "errored", "not checked": "skipped" };

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
  const { facts, index: { overview }, trialCount } = usePage();
  const { pass_rate: passRate } = overview;
  return html`<dl class="figures">
    <${Figure} name="Pass rate" value=${passRate.percent ?? "–"} note=${passRate.percent === null
      ? "no case was judged" : `95 %: ${passRate.range}, ${plural(passRate.cases, "case")}`} />
    <${Figure} name="Needs attention" value=${count(overview.needs_attention)} note="cases to look at" query="s:wrong" />
    <${Figure} name="Flaky" value=${count(overview.flaky)} note="repeats disagree" query="s:flaky" />
    <${Figure} name="Latency" value=${seconds(overview.latency_p50)} note=${`p95 ${seconds(overview.latency_p95)}`} />
    <${Figure} name="Cost"
      value=${`${overview.cost !== null && !overview.is_cost_whole ? "≥ " : ""}${usd(overview.cost)}`}
      note=${tokens(overview.input_tokens, overview.output_tokens)} />
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
  return html`<${Table} label="Metrics" heads=${["metric", "suite", "variant", "value", "95 %", "status", "cases"]}>
    ${index.computed.map((metric) => html`<tr><th scope="row">${metric.name}</th><td>${metric.suite}</td><td>${metric.variant}</td>
      <td colspan="2">${metric.words}</td><td><${MetricSign} status=${metric.status} /></td>
      <td class="figure">${count(metric.ended)}</td></tr>`)}
    ${index.metrics.map((metric) => html`<tr><th scope="row">${metric.name}</th><td>${metric.suite}</td><td>${metric.variant}</td>
      <td colspan="2">${metric.words}</td><td></td>
      <td class="figure">${count(metric.cases)}</td></tr>`)}<//>`;
}

/** @param {{ status: ComputedMetric["status"] }} props */
function MetricSign({ status }) {
  const label = METRIC_LABELS[status];
  return html`<span class="outcome is-${label}"><span aria-hidden="true">${LABEL_SIGNS[label]}</span> ${status}</span>`;
}
