// @ts-check
// The variants of a case and the baseline beside each other, with what differs from the one that was chosen.

/** @import { CaseResult, Label, Route } from "./types.js" */
/** @import { Page } from "./page.js" */
/**
 * @typedef {object} Column
 * @property {string} name
 * @property {Label} [letter]
 * @property {string | null} text null without a reply
 * @property {string | null} prompt null where it is not kept
 */

import { Difference } from "./difference.js";
import { groupedBy } from "./grouping.js";
import { Waiting, useLater } from "./later.js";
import { usePage } from "./page.js";
import { Empty, Link, Outcome, Text } from "./parts.js";
import { html } from "./preact.js";
import { chosenTrial, variantsOf } from "./report.js";
import { lastReply, promptOf, textOf } from "./transcript.js";

const MOST_COLUMNS = 4;

/** @param {{ result: CaseResult, trial: number, route: Route }} props */
export function Compare({ result, trial, route }) {
  const page = usePage();
  const others = variantsOf(page, result).filter((other) => other !== result);
  const hasBaseline = page.index.before.includes(result.name);
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
      <div class="side-by-side">${withEqualTexts(columns).map((same) => html`<${ReplyColumn} same=${same} chosen=${chosen}
        marks=${route.diff !== "off"} />`)}</div>`;
  }}<//>`;
}

/** @param {{ same: Column[], chosen: Column, marks: boolean }} props */
function ReplyColumn({ same, chosen, marks }) {
  const [{ name, letter, text, prompt }] = same;
  return html`<section class="column">
    <h3>${same.map((column) => column.name).join(" = ")}${
      same.length > 1 ? html` <span class="soft">${same.length} identical</span>` : ""}</h3>
    ${letter && html`<p><${Outcome} letter=${letter} /></p>`}
    ${text === null ? html`<p class="soft">no reply</p>`
      : marks && chosen.text !== null && text !== chosen.text
        ? html`<${Difference} before=${chosen.text} after=${text} label=${name} />`
        : html`<${Text} text=${text} label=${name} />`}
    ${prompt !== null && chosen.prompt !== null && prompt !== chosen.prompt &&
      html`<details class="fold"><summary>the prompt differs</summary>
        <${Difference} before=${chosen.prompt} after=${prompt} label="prompt" /></details>`}
  </section>`;
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
    const letter = /** @type {Label} */ (page.index.rows.outcome[trial]);
    return { name: result.variant, letter, text: reply && textOf(reply.message), prompt: promptOf(detail) };
  }));
  if (!hasBaseline) return columns;
  const [text = null] = await page.details.baselineReplies(results[0].name);
  return [columns[0], { name: "baseline", text, prompt: null }, ...columns.slice(1)];
}

/** @param {Column[]} columns */
function withEqualTexts(columns) {
  return groupedBy(columns, ({ text }, position) => (text === null ? `none ${position}` : `text ${text}`))
    .map(([, same]) => same);
}
