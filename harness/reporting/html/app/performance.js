// @ts-check
// Speed and cost: distributions, the slowest and the dearest.

/** @import { Group } from "./types.js" */

import { count, milliseconds, plural, rate, tokens } from "./format.js";
import { binCounts } from "./histogram.js";
import { OverTime } from "./over_time.js";
import { usePage } from "./page.js";
import { Empty } from "./parts.js";
import { html } from "./preact.js";
import { Slowest } from "./ranked.js";
import { present, quantile } from "./statistics.js";

const BINS = 30;
const MOST_RANKED = 50;

export function Performance() {
  const { index } = usePage();
  return html`<h2>Speed</h2><div class="columns">
      <${Histogram} title="Latency" values=${present(index.rows.latency)} />
      <${Histogram} title="First token" values=${present(index.rows.first_token)} /></div>
    <h2>Cost</h2><${Costs} groups=${index.groups.filter((group) => group.cost)} />
    <h2>Attempts that were tried again</h2>${Object.keys(index.attempts).length
      ? html`<table><tbody>${Object.entries(index.attempts).map(([name, number]) => html`<tr><th scope="row">${name}</th>
        <td class="figure">${count(number)}</td></tr>`)}</tbody></table>` : html`<${Empty}>Every call succeeded at once.<//>`}
    <${OverTime} />
    <h2>Slowest</h2><${Slowest} most=${MOST_RANKED} />`;
}

/** @param {{ groups: (Group & { cost: number })[] }} props */
function Costs({ groups }) {
  if (!groups.length) return html`<${Empty}>These models have no prices: see <code>prices</code> in the settings.<//>`;
  const { index } = usePage();
  const suffixes = new Map(index.variants.map((variant, number) => [variant, index.suffixes[number]]));
  const highest = Math.max(...groups.map((group) => group.cost));
  return html`<table class="bars"><caption class="unseen">Cost by suite and variant</caption>
    <tbody>${groups.map((group) => html`<tr><th scope="row">${group.suite}${suffixes.get(group.variant)}</th>
      <td><svg width="200" height="12" aria-hidden="true"><rect class="part" width=${200 * (group.cost / highest)} height="12" rx="2" /></svg></td>
      <td class="figure">$${group.cost.toFixed(4)}</td><td class="figure soft">${rate(group.pass_rate)}</td>
      <td class="figure soft">${tokens(group.input_tokens, group.output_tokens)}</td></tr>`)}</tbody></table>
    <${Cheapest} />`;
}

function Cheapest() {
  const { index: { cheapest } } = usePage();
  if (!cheapest.length) return null;
  return html`<h3>Cheapest at equal quality</h3><ul>${cheapest.map((choice) => html`<li>${choice.suite}:
    <strong>${choice.cheapest}</strong> ${rate(choice.rate)} for ${per1000(choice.cost_per_trial)} per 1,000 trials${
      choice.cheapest === choice.best ? ", and the best"
        : `; the best is ${choice.best}, ${rate(choice.best_rate)} for ${per1000(choice.best_cost_per_trial)}`}</li>`)}</ul>`;
}

/** @param {number} costPerTrial in USD */
function per1000(costPerTrial) {
  return `$${(1000 * costPerTrial).toFixed(3)}`;
}

/** @param {{ title: string, values: number[] }} props */
function Histogram({ title, values }) {
  if (!values.length) return html`<section><h3>${title}</h3><${Empty}>Nothing was timed.<//></section>`;
  const sorted = [...values].sort((one, other) => one - other);
  const [low, high] = [sorted[0], sorted[sorted.length - 1]];
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => milliseconds(quantile(sorted, share)));
  const counts = binCounts(sorted, BINS);
  const highest = Math.max(...counts);
  return html`<section><h3>${title}</h3><svg class="histogram" viewBox="0 0 360 120" role="img"
      aria-label=${`${title}: from ${milliseconds(low)} to ${milliseconds(high)}, median ${p50}`}>
      ${counts.map((number, position) => html`<rect class="part" x=${position * 12 + 1} width="10" rx="1"
        y=${100 - 96 * (number / highest)} height=${96 * (number / highest)} />`)}
      <line class="axis" x1="0" x2="360" y1="100" y2="100" /><text x="0" y="116">${milliseconds(low)}</text>
      <text x="360" y="116" text-anchor="end">${milliseconds(high)}</text></svg>
    <p class="soft">p50 ${p50} · p95 ${p95} · p99 ${p99} · ${plural(values.length, "call")}</p></section>`;
}
