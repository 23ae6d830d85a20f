// @ts-check
// One case in one variant: the conversation, verdicts, attempts, and a comparison with other variants.

/** @import { CaseResult, Label, Route, TrialDetail } from "./types.js" */

import { Assertions, Reasons } from "./assertions.js";
import { Attempts, Raw } from "./attempts.js";
import { rerunCommand } from "./commands.js";
import { Compare } from "./compare.js";
import { Conversation } from "./conversation.js";
import { Waiting, useLater } from "./later.js";
import { nearest } from "./nearest.js";
import { usePage } from "./page.js";
import { Copy, FlipSign, Link, Outcome, Share } from "./parts.js";
import { html } from "./preact.js";
import { chosenTrial, trialsByReply, variantsOf } from "./report.js";
import { labelOfTrial } from "./results.js";
import { hashOf, resultRoute } from "./route.js";
import { failureMarkdown } from "./transcript.js";

export const TABS = ["compare", "conversation", "assertions", "attempts", "raw"];

/** @param {{ route: Route }} props */
export function CasePage({ route }) {
  const { resultByName } = usePage();
  const result = resultByName.get(route.name ?? "");
  if (!result) return html`<${NotInRun} name=${route.name} />`;
  return html`<div class="page-case"><${CaseView} result=${result} route=${route} key=${result.name} /></div>`;
}

/** @param {{ name: string }} props */
export function NotInRun({ name }) {
  const { results } = usePage();
  return html`<section class="pane"><h2>Not in this run</h2><p>There is no case <code>${name}</code>.</p>
    <p>Close to it:</p><ul>${nearest(results, name).map((result) => html`<li>
      <${Link} to=${resultRoute(result)}>${result.name}<//></li>`)}</ul></section>`;
}

/** @param {{ result: CaseResult, route: Route }} props */
export function CaseView({ result, route }) {
  const page = usePage();
  const tab = route.tab && TABS.includes(route.tab) ? route.tab : "conversation";
  const trial = chosenTrial(page, result, route.r);
  const state = useLater(() => page.details.trial(trial), [trial]);
  return html`<article class="case" aria-label=${result.name}>
    <${CaseHeader} result=${result} trial=${trial} route=${route} />
    <div class="tabs" role="tablist" aria-label="What is shown">${TABS.map((name, position) => html`<a role="tab"
      href=${hashOf({ ...route, tab: name })} aria-selected=${name === tab ? "true" : "false"}
      tabindex=${name === tab ? 0 : -1} title=${`key ${position + 1}`}>${name}</a>`)}</div>
    <div role="tabpanel" aria-label=${tab}>
      ${tab === "compare" ? html`<${Compare} result=${result} trial=${trial} route=${route} />`
        : html`<${Waiting} state=${state}>${(/** @type {TrialDetail} */ detail) =>
            html`<${TabContent} tab=${tab} detail=${detail} result=${result} trial=${trial} />`}<//>`}
    </div></article>`;
}

/** @param {{ tab: string, detail: TrialDetail, result: CaseResult, trial: number }} props */
function TabContent({ tab, detail, result, trial }) {
  switch (tab) {
    case "assertions": return html`<${Assertions} detail=${detail} result=${result} />`;
    case "attempts": return html`<${Attempts} detail=${detail} />`;
    case "raw": return html`<${Raw} detail=${detail} result=${result} />`;
    default: return html`<${Reasons} detail=${detail} /><${Conversation} detail=${detail} trial=${trial} />`;
  }
}

/** @param {{ result: CaseResult, trial: number, route: Route }} props */
function CaseHeader({ result, trial, route }) {
  const { details, facts } = usePage();
  const markdown = async () => failureMarkdown(facts, result, await details.trial(trial));
  const isBesideList = route.page === "cases";
  return html`<header>${isBesideList && html`<p class="back"><${Link} to=${{ ...route, name: "" }}>← list<//></p>`}
    <h2 dir="auto">${result.name}</h2>
    <p><${Share} result=${result} />${result.chance && html` <span class="soft">${result.chance}</span>`} <${FlipSign} result=${result} />
      <span class="soft"> ${result.path}:${result.line}</span>
      ${result.tags.map((tag) => html`<span class="tag">@${tag}</span>`)}</p>
    <p class="actions"><${Copy} text=${result.name} label="copy id" what="id" />
      <${Copy} text=${rerunCommand(facts, result)} label="copy command to run it again" what="command" />
      <${Copy} text=${markdown} label="copy as Markdown" what="markdown" />
      ${isBesideList && html`<${Link} to=${resultRoute(result)} class="small">whole page<//>`}</p>
    <${Variants} result=${result} route=${route} /><${Repeats} result=${result} trial=${trial} route=${route} /></header>`;
}

/** @param {{ result: CaseResult, route: Route }} props */
function Variants({ result, route }) {
  const variants = variantsOf(usePage(), result);
  if (variants.length < 2) return null;
  return html`<nav class="chips" aria-label="Variants">${variants.map((other) => html`<${Chip}
    to=${{ ...route, name: other.name, r: undefined }} label=${other.label} chosen=${other === result}>${other.variant}<//>`)}</nav>`;
}

/**
 * Repeats with the same reply stand together.
 *
 * @param {{ result: CaseResult, trial: number, route: Route }} props
 */
function Repeats({ result, trial, route }) {
  const page = usePage();
  if (result.trials.length < 2) return null;
  const { index } = page;
  return html`<nav class="repeats" aria-label="Repeats">${trialsByReply(page, result).map(({ hasReply, trials }) => html`<span
    class="chips same">${trials.length > 1 && html`<span class="soft">${hasReply ? "same" : "no"} reply ×${trials.length}</span>`}
    ${trials.map((one) => html`<${Chip} to=${{ ...route, r: index.rows.repeat[one] }} label=${labelOfTrial(index, one)}
      chosen=${one === trial}>#${index.rows.repeat[one]}<//>`)}</span>`)}</nav>`;
}

/** @param {{ to: Route, label: Label, chosen: boolean, children: unknown }} props */
function Chip({ to, label, chosen, children }) {
  return html`<${Link} to=${to} class="chip ${chosen ? "is-chosen" : ""}" aria-current=${chosen ? "true" : undefined}>
    <${Outcome} label=${label} word=${false} /> ${children}<//>`;
}
