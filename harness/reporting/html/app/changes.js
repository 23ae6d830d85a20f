// @ts-check
// The run against its baseline: verdicts first, then what broke and what is fixed.

/** @import { BaselineComparison, CaseResult, Comparison, Flip } from "./types.js" */

import { FLIP_WORDS, count, points } from "./format.js";
import { usePage } from "./page.js";
import { Empty, Link, Share } from "./parts.js";
import { html, useState } from "./preact.js";
import { resultRoute } from "./route.js";

const FEW = 50;
const MANY = 500;
/** @type {("broken" | "fixed" | "newly_flaky" | "still_failing")[]} */
const COUNTED = ["broken", "fixed", "newly_flaky", "still_failing"];
/** @type {Record<Flip, string>} */
const EXPLANATIONS = {
  broken: "Passed in the baseline, and do not any more",
  fixed: "Did not pass in the baseline, and do now",
  newly_flaky: "Agreed in all repeats in the baseline, and do not any more",
  still_failing: "Did not pass in the baseline, and do not now",
  changed: "The verdict is the same; the reply is not.",
};
/** @type {Map<string | null, string>} */
const KINDS = new Map([["regressed", "failed"], ["improved", "passed"], ["equivalent", "passed"]]);

/** @param {{ comparison: BaselineComparison }} props */
export function ChangeVerdicts({ comparison }) {
  return html`<section class="verdicts-of-change"><h2>Against ${comparison.name}</h2>
    ${comparison.comparisons.map((change) => html`<${Change} change=${change} />`)}
    ${comparison.notes.map((note) => html`<p class="soft">${note}</p>`)}
    <p><${Link} to=${{ page: "diff" }}>All changes<//></p></section>`;
}

/** @param {{ change: Comparison }} props */
export function Change({ change }) {
  const { by_repeats: byRepeats, pass_rate: passRate, p, family } = change;
  const { interval } = byRepeats && byRepeats.p < passRate.p ? byRepeats : passRate;
  return html`<div class="change is-${KINDS.get(change.verdict) ?? "errored"}">
    <p><strong>${change.verdict ?? "no verdict"}</strong>${change.variant ? ` · ${change.variant}` : ""}:
      pass rate ${points(passRate.difference)} points${interval ? ` [${points(interval.low)}, ${points(interval.high)}]` : ""},
      p ${p < 0.001 ? "< 0.001" : `= ${p.toFixed(3)}`}${family > 1 ? ` (one of ${family}, adjusted)` : ""}</p>
    ${change.refusals.map((why) => html`<p>Not comparable: ${why}</p>`)}
    ${change.factors.map((what) => html`<p class="soft">What differs: ${what}</p>`)}
    ${change.verdict === "inconclusive" && html`<p class="soft">${change.power}</p>`}
    <p>${COUNTED.map((flip) => html`<span class="count">${count(change[flip].length)} ${FLIP_WORDS[flip]}</span> `)}</p></div>`;
}

export function Changes() {
  const { comparison, facts, results } = usePage();
  if (!comparison) {
    return html`<h2>Changes</h2><${Empty}>This report was made without a baseline.
      <code>harness report ${facts.id} --baseline RUN</code> adds one.<//>`;
  }
  /** @type {Flip[]} */
  const flips = [...COUNTED, "changed"];
  return html`<${ChangeVerdicts} comparison=${comparison} /><h2>Cases that changed</h2>
    ${results.every((result) => !result.flip) && html`<${Empty}>No case changed.<//>`}
    ${flips.map((flip) => html`<${ChangeList} flip=${flip} results=${results.filter((result) => result.flip === flip)} />`)}`;
}

/** @param {{ flip: Flip, results: CaseResult[] }} props */
function ChangeList({ flip, results }) {
  const [all, setAll] = useState(false);
  if (!results.length) return null;
  const shown = results.slice(0, all ? MANY : FEW);
  return html`<section class="change-list"><h3>${FLIP_WORDS[flip]} <span class="soft">${count(results.length)}</span></h3>
    <p class="soft">${EXPLANATIONS[flip]}</p>
    <ul>${shown.map((result) => html`<li><${Share} result=${result} />
      <${Link} to=${resultRoute(result, { tab: "compare", vs: "baseline" })}>${result.name}<//></li>`)}</ul>
    ${shown.length < results.length && html`<button type="button" onClick=${() => setAll(true)}>show more</button>`}</section>`;
}
