// @ts-check
// The variants of a case and the baseline beside each other, with what differs from the one that was chosen.

/** @import { CaseResult, Route } from "./types.js" */
/** @import { Page } from "./page.js" */
/** @import { Column } from "./columns.js" */

import { differenceNote, sameReplies } from "./columns.js";
import { Difference } from "./difference.js";
import { Waiting, useLater } from "./later.js";
import { usePage } from "./page.js";
import { Empty, Link, Outcome, Text } from "./parts.js";
import { html } from "./preact.js";
import { chosenTrial, variantsOf } from "./report.js";
import { labelOfTrial } from "./results.js";
import { lastReply, promptOf, textOf, wholeReplyOf } from "./transcript.js";

const MOST_COLUMNS = 4;

/** @param {{ result: CaseResult, trial: number, route: Route }} props */
export function Compare({ result, trial, route }) {
  const page = usePage();
  const others = variantsOf(page, result).filter((other) => other !== result);
  const hasBaseline = page.index.baseline_cases.includes(result.name);
  const results = [result, ...others].slice(0, MOST_COLUMNS);
  const state = useLater(() => columnsOf(page, results, trial, hasBaseline), [result, trial]);
  if (others.length === 0 && !hasBaseline) {
    return html`<${Empty}>There is no other variant, and ${page.comparison
      ? "the baseline keeps no replies of this case (harness baseline save --with-replies)"
      : "no baseline to compare with"}.<//>`;
  }
  return html`<${Waiting} state=${state}>${(/** @type {Column[]} */ columns) => {
    const chosen = columns.find((column) => column.name === route.vs) || columns[hasBaseline ? 1 : 0];
    return html`<p class="chips" role="group" aria-label="Compare with"><span class="soft">differences from</span>
      ${columns.map((column) => html`<${Link} to=${{ ...route, vs: column.name }}
        class="chip ${column === chosen ? "is-chosen" : ""}">${column.name}<//>`)}</p>
      <div class="side-by-side">${sameReplies(columns).map((same) => html`<${ReplyColumn} same=${same} chosen=${chosen}
        marks=${route.diff !== "off"} />`)}</div>`;
  }}<//>`;
}

/** @param {{ same: Column[], chosen: Column, marks: boolean }} props */
function ReplyColumn({ same, chosen, marks }) {
  const [column] = same;
  const { label, prompt } = column;
  const note = same.includes(chosen) ? "" : differenceNote(column, chosen);
  return html`<section class="column">
    <h3>${same.map(({ name }) => name).join(" = ")}${
      same.length > 1 ? html` <span class="soft">${same.length} identical</span>` : ""}</h3>
    ${label && html`<p><${Outcome} label=${label} /></p>`}
    ${note && html`<p class="soft note">${note}</p>`}
    <${ReplyText} column=${column} chosen=${chosen} marks=${marks} />
    ${prompt !== null && chosen.prompt !== null && prompt !== chosen.prompt &&
      html`<details class="fold"><summary>the prompt differs</summary>
        <${Difference} before=${chosen.prompt} after=${prompt} label="prompt" /></details>`}
  </section>`;
}

/**
 * Whole replies are compared where both are kept: a tool call makes as much of a difference as a text.
 *
 * @param {{ column: Column, chosen: Column, marks: boolean }} props
 */
function ReplyText({ column, chosen, marks }) {
  const isWhole = column.whole !== null && chosen.whole !== null;
  const [after, before] = isWhole ? [column.whole, chosen.whole] : [column.text, chosen.text];
  if (after === null) return html`<p class="soft">no reply</p>`;
  const differs = marks && before !== null && after !== before;
  const hasMore = !isWhole && column.whole !== null && column.whole !== column.text;
  return html`${differs ? html`<${Difference} before=${before} after=${after} label=${column.name} />`
    : html`<${Text} text=${after} label=${column.name} />`}
    ${hasMore && html`<details class="fold"><summary>with tool calls and earlier turns</summary>
      <${Text} text=${column.whole} label="whole reply" /></details>`}`;
}

/**
 * The baseline, if it keeps replies, comes second.
 *
 * @param {Page} page
 * @param {CaseResult[]} results the one that is shown comes first
 * @param {number} shownTrial
 * @param {boolean} hasBaseline
 * @returns {Promise<Column[]>}
 */
async function columnsOf(page, results, shownTrial, hasBaseline) {
  const columns = await Promise.all(results.map(async (result, position) => {
    const trial = position === 0 ? shownTrial : chosenTrial(page, result, undefined);
    const detail = await page.details.trial(trial);
    const reply = lastReply(detail);
    return {
      name: result.variant, label: labelOfTrial(page.index, trial), reply: page.index.rows.reply[trial],
      text: reply && textOf(reply.message), whole: wholeReplyOf(detail), prompt: promptOf(detail),
    };
  }));
  if (!hasBaseline) return columns;
  const [text = null] = await page.details.baselineReplies(results[0].name);
  return [columns[0], { name: "baseline", label: null, reply: null, text, whole: null, prompt: null }, ...columns.slice(1)];
}
