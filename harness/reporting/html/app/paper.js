// @ts-check
// On paper: the summary and what did not pass, whatever page is open.

import { Change } from "./changes.js";
import { LABEL_WORDS, plural } from "./format.js";
import { Matrices } from "./matrix.js";
import { usePage } from "./page.js";
import { html } from "./preact.js";
import { signatureText } from "./report.js";

const MOST_PRINTED = 200;

export function Paper() {
  const { comparison, facts, index, results } = usePage();
  const wrong = results.filter((result) => result.isWrong);
  const omitted = wrong.length - MOST_PRINTED;
  return html`<section class="paper"><h1>${facts.verdict}</h1><p>${facts.totals}</p>
    ${comparison?.comparisons.map((change) => html`<${Change} change=${change} />`)}
    <${Matrices} />
    <h2>Did not pass</h2><ul>${wrong.slice(0, MOST_PRINTED).map((result) => html`<li><strong>${result.name}</strong>
      ${LABEL_WORDS[result.label]} ${result.passed}/${result.judged}, ${result.path}:${result.line}
      ${result.signature >= 0 && html`: ${signatureText(index, result.signature)}`}</li>`)}</ul>
    ${omitted > 0 && html`<p>${plural(omitted, "failure")} not printed</p>`}</section>`;
}
