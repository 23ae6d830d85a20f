// @ts-check
// Keys and the language of the search box, in a dialog.

import { html, useEffect, useRef } from "./preact.js";

const KEYS = [
  ["/", "search"], ["j k", "next, previous case"], ["n p", "next, previous case that needs attention"],
  ["Enter", "open on a page of its own"], ["Esc", "back"], ["1 – 5", "tabs of a case"], ["[ ]", "previous, next variant"],
  ["d", "differences on or off"], ["w", "wrap long lines or not"], ["x", "only what changed"], ["y", "copy the id"],
  ["c", "copy the command to run it again"], ["g then o c f d p r", "pages"], ["?", "this help"],
];
const SEARCHES = [
  '"a phrase"', "re:/pattern/i", "s:failed", "s:flaky", "s:wrong", "m:haiku", "v:variant", "suite:x", "case:x", "@tag",
  "a:contains", "flip:broken", "dur:>5s", "cost:>0.01", "tok:>2000", "score:<0.5", "rep:<1", "tries:>1",
];

/** @param {{ close: () => void }} props */
export function Help({ close }) {
  /** @type {{ current: HTMLDialogElement }} */
  const box = useRef();
  useEffect(() => box.current.showModal(), []);
  return html`<dialog ref=${box} onClose=${close} aria-label="Help"><h2>Keys</h2><dl class="pairs">
    ${KEYS.map(([key, what]) => html`<div><dt><kbd>${key}</kbd></dt><dd>${what}</dd></div>`)}</dl>
    <h2>Search</h2><p>Words, and ${SEARCHES.map((search) => html`<code>${search}</code> `)}; <code>!</code> before any of them negates it.</p>
    <form method="dialog"><button>Close</button></form></dialog>`;
}
