// @ts-check
// Two texts as one, with what was taken out and what was put in.

/** @import { TextChange } from "./types.js" */

import { Waiting, useLater } from "./later.js";
import { usePage } from "./page.js";
import { html } from "./preact.js";

// beyond it words take too long, and lines are compared
const MOST_CHARACTERS = 200_000;

/** @param {{ before: string, after: string, label: string }} props */
export function Difference({ before, after, label }) {
  const { runTask } = usePage();
  const words = before.length + after.length < MOST_CHARACTERS;
  const state = useLater(() => runTask({ kind: "diff", before, after, words }), [before, after]);
  return html`<${Waiting} state=${state}>${(/** @type {TextChange[] | null} */ changes) => (changes === null
    ? html`<p class="soft">The texts differ too much to be shown side by side.</p>`
    : html`<pre class="difference" dir="auto" tabindex="0" aria-label=${label}>${changes.map(marked)}</pre>`)}<//>`;
}

/** @param {TextChange} change */
function marked({ value, added, removed }) {
  if (added) return html`<ins>${value}</ins>`;
  return removed ? html`<del>${value}</del>` : value;
}
