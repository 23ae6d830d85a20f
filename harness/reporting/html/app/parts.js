// @ts-check
// Small pieces that every page is made of.

/** @import { CaseResult, Label, Route } from "./types.js" */

import { LABEL_SIGNS, count } from "./format.js";
import { html, useState } from "./preact.js";
import { hashOf } from "./route.js";

const FOLDED_FROM = 20_000;
const COPIED_MILLISECONDS = 1500;

/** @param {{ label: Label, word?: boolean }} props */
export function Outcome({ label, word = true }) {
  return html`<span class="outcome is-${label}">
    <span aria-hidden="true">${LABEL_SIGNS[label]}</span>${word ? ` ${label}` : ""}
    ${word ? "" : html`<span class="unseen">${label}</span>`}
  </span>`;
}

/**
 * How many of how many repeats passed, as a bar and in words.
 *
 * @param {{ result: CaseResult }} props
 */
export function Share({ result }) {
  const { label, share, trials } = result;
  if (trials.length < 2 || share === null) return html`<${Outcome} label=${label} />`;
  const text = `${result.passed}/${result.judged}`;
  return html`<span class="share is-${label}" title=${`${text} passed, ${label}`}>
    <svg width="44" height="8" aria-hidden="true"><rect class="rest" width="44" height="8" rx="2" />
      <rect class="part" width=${44 * share} height="8" rx="2" /></svg>
    <span>${text}</span> <span class="soft">${label}</span></span>`;
}

/** @param {{ text: string | (() => string | Promise<string>), label: string, what?: string }} props */
export function Copy({ text, label, what = "copy" }) {
  const [message, setMessage] = useState("");
  const copy = async () => {
    const isCopied = await copied(typeof text === "function" ? await text() : text);
    setMessage(isCopied ? "copied" : "could not copy");
    setTimeout(() => setMessage(""), COPIED_MILLISECONDS);
  };
  return html`<button type="button" class="small" onClick=${copy} data-copy=${what}>
    ${message || label}<span class="unseen" role="status">${message}</span></button>`;
}

/** @param {string} text */
async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copiedWithoutPermission(text);
  }
}

/**
 * Pages opened from a file may not use the clipboard of the browser.
 *
 * @param {string} text
 */
function copiedWithoutPermission(text) {
  const field = document.createElement("textarea");
  field.value = text;
  document.body.append(field);
  field.select();
  const isCopied = document.execCommand("copy");
  field.remove();
  return isCopied;
}

/**
 * A text as it came: long ones are folded, its direction is its own.
 *
 * @param {{ text: string, label?: string }} props
 */
export function Text({ text, label = "text" }) {
  const [open, setOpen] = useState(false);
  const shown = open || text.length <= FOLDED_FROM ? text : text.slice(0, FOLDED_FROM);
  return html`<div class="text-box">
    <pre dir="auto" tabindex="0" aria-label=${label}>${shown}${text ? "" : html`<em class="soft">(empty)</em>`}</pre>
    ${shown.length < text.length && html`<button type="button" onClick=${() => setOpen(true)}>
      show all (${count(text.length)} characters)</button>`}
  </div>`;
}

/** @param {{ value: unknown, label: string }} props */
export function Json({ value, label }) {
  return html`<${Text} text=${JSON.stringify(value, null, 2)} label=${label} />`;
}

/** @param {{ children: unknown }} props */
export function Empty({ children }) {
  return html`<p class="empty">${children}</p>`;
}

/** @param {{ to: Route, children: unknown, [attribute: string]: unknown }} props */
export function Link({ to, children, ...attributes }) {
  return html`<a href=${hashOf(to)} ...${attributes}>${children}</a>`;
}

/** @param {{ result: CaseResult }} props */
export function FlipSign({ result }) {
  const { flip } = result;
  return flip && html`<span class="flip is-${flip.name}" title=${flip.meaning}>${flip.title}</span>`;
}

/**
 * A table that scrolls on its own where it is too wide.
 *
 * @param {{ label: string, heads: string[], kind?: string, children: unknown }} props
 */
export function Table({ label, heads, kind, children }) {
  return html`<div class="scroll" tabindex="0" role="region" aria-label=${label}><table class=${kind}>
    <thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
    <tbody>${children}</tbody></table></div>`;
}
