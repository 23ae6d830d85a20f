// @ts-check
// The run against its baseline: verdicts first, then the cases that changed.

/** @import { BaselineComparison, ChangedCase, Comparison, Flip } from "./types.js" */

import { count } from "./format.js";
import { usePage } from "./page.js";
import { Empty, Link, Share } from "./parts.js";
import { html, useState } from "./preact.js";
import { changedCases } from "./report.js";
import { resultRoute } from "./route.js";

const FEW = 50;
const MANY = 500;

/** @param {{ comparison: BaselineComparison }} props */
export function ChangeVerdicts({ comparison }) {
  return html`<section class="verdicts-of-change"><h2>Against ${comparison.name}</h2>
    <${FailReasons} reasons=${comparison.reasons} />
    <${Comparisons} comparisons=${comparison.comparisons} />
    ${comparison.notes.map((note) => html`<p class="soft">${note}</p>`)}
    <p><${Link} to=${{ page: "diff" }}>All changes<//></p></section>`;
}

/**
 * Why the run fails, if it does.
 *
 * @param {{ reasons: string[] }} props
 */
export function FailReasons({ reasons }) {
  return reasons.length > 0 && html`<div class="reasons"><p>Why the run fails:</p>
    <ul>${reasons.map((why) => html`<li>${why}</li>`)}</ul></div>`;
}

/**
 * The whole run, then its suites, tags and variants, folded unless one of them regressed.
 *
 * @param {{ comparisons: Comparison[] }} props
 */
export function Comparisons({ comparisons }) {
  const parts = comparisons.filter(({ is_part: isPart }) => isPart);
  return html`${comparisons.filter(({ is_part: isPart }) => !isPart).map((change) => html`<${Change} change=${change} />`)}
    ${parts.length > 0 && html`<details class="fold" open=${parts.some(({ tone }) => tone === "failed")}>
      <summary>by suite, tag and variant: ${count(parts.length)}</summary>
      <ul>${parts.map(({ headline, tone }) => html`<li class="is-${tone}">${headline}</li>`)}</ul></details>`}`;
}

/** @param {{ change: Comparison }} props */
export function Change({ change }) {
  const { index } = usePage();
  const lists = [...index.flips].reverse();
  return html`<div class="change is-${change.tone}"><p><strong>${change.headline}</strong></p>
    ${change.refusals.map((why) => html`<p>Not comparable: ${why}</p>`)}
    ${change.factors.map((what) => html`<p class="soft">What differs: ${what}</p>`)}
    ${change.remarks.map((remark) => html`<p class="soft">${remark}</p>`)}
    ${!change.refusals.length && html`<p>${lists.map((flip) => html`<span class="count">${
      count(changedCases([change], flip.name).length)} ${flip.title}</span> `)}</p>`}</div>`;
}

export function Changes() {
  const { comparison, facts, index } = usePage();
  if (!comparison) {
    return html`<h2>Changes</h2><${Empty}>This report was made without a baseline.
      <code>harness report ${facts.id} --baseline RUN</code> adds one.<//>`;
  }
  const lists = [...index.flips].reverse()
    .map((flip) => ({ flip, cases: changedCases(comparison.comparisons, flip.name) }))
    .filter(({ cases }) => cases.length > 0);
  return html`<${ChangeVerdicts} comparison=${comparison} /><h2>Cases that changed</h2>
    ${!lists.length && html`<${Empty}>No case changed.<//>`}
    ${lists.map(({ flip, cases }) => html`<${ChangeList} flip=${flip} cases=${cases} key=${flip.name} />`)}`;
}

/** @param {{ flip: Flip, cases: ChangedCase[] }} props */
function ChangeList({ flip, cases }) {
  const [all, setAll] = useState(false);
  const shown = cases.slice(0, all ? MANY : FEW);
  return html`<section class="change-list"><h3>${flip.title} <span class="soft">${count(cases.length)}</span></h3>
    <p class="soft">${flip.meaning}</p>
    <ul>${shown.map(({ name, move }) => html`<${ChangedCaseLine} name=${name} move=${move} />`)}</ul>
    ${shown.length < cases.length && html`<button type="button" onClick=${() => setAll(true)}>show more</button>`}</section>`;
}

/** @param {ChangedCase} props */
function ChangedCaseLine({ name, move }) {
  const result = usePage().resultByName.get(name);
  const split = move && html` <span class="soft">${move.old.join("/")} → ${move.new.join("/")}</span>`;
  // a case over several variants has no page of its own
  if (!result) return html`<li>${name}${split}</li>`;
  return html`<li><${Share} result=${result} />
    <${Link} to=${resultRoute(result, { tab: "compare", vs: "baseline" })}>${name}<//>${split}</li>`;
}
