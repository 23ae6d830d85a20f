// @ts-check
// On paper: the summary and what needs attention, whatever page is open.

import { Comparisons, FailReasons } from "./changes.js";
import { plural } from "./format.js";
import { Matrices } from "./matrix.js";
import { usePage } from "./page.js";
import { html } from "./preact.js";

const MOST_PRINTED = 200;

export function Paper() {
  const { comparison, facts, results } = usePage();
  const problems = results.filter((result) => result.needsAttention);
  const omitted = problems.length - MOST_PRINTED;
  return html`<section class="paper"><h1>${facts.verdict}</h1><p>${facts.totals}</p>
    ${comparison && html`<${FailReasons} reasons=${comparison.reasons} /><${Comparisons} comparisons=${comparison.comparisons} />`}
    <${Matrices} />
    <h2>Did not pass</h2><ul>${problems.slice(0, MOST_PRINTED).map((result) => html`<li><strong>${result.name}</strong>
      ${result.label} ${result.passed}/${result.judged}, ${result.path}:${result.line}
      ${result.reason && `: ${result.reason}`}</li>`)}</ul>
    ${omitted > 0 && html`<p>${plural(omitted, "failure")} not printed</p>`}</section>`;
}
