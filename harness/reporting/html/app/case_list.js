// @ts-check
// A list that draws only the rows in view, however many cases there are.

/** @import { CaseResult, Heading, Route } from "./types.js" */

import { isHeading } from "./arrange.js";
import { count, dollars, milliseconds, plural } from "./format.js";
import { Empty, FlipSign, Link, Share } from "./parts.js";
import { html, useLayoutEffect, useRef, useState } from "./preact.js";
import { casesRoute } from "./route.js";

const ROW_HEIGHT = 36;  // as the style sheet has it
const SPARE_ROWS = 6;
const HEIGHT_UNTIL_SHOWN = 700;

/** @param {{ list: (CaseResult | Heading)[], selected: CaseResult | undefined, route: Route }} props */
export function CaseList({ list, selected, route }) {
  /** @type {{ current: HTMLElement }} */
  const box = useRef();
  const [view, setView] = useState({ top: 0, height: HEIGHT_UNTIL_SHOWN });
  const update = () => setView({
    top: box.current.scrollTop, height: box.current.clientHeight || HEIGHT_UNTIL_SHOWN,
  });
  useLayoutEffect(() => {
    update();
    window.addEventListener("resize", update);
    return () => window.removeEventListener("resize", update);
  }, []);
  const position = selected ? list.indexOf(selected) : -1;
  useLayoutEffect(() => { if (position >= 0) scrollTo(box.current, position); }, [position]);
  if (!list.length) {
    return html`<div ref=${box} class="rows"><${Empty}>No case matches. ${" "}
      <${Link} to=${casesRoute("")}>Show all<//><//></div>`;
  }
  const first = Math.max(0, Math.floor(view.top / ROW_HEIGHT) - SPARE_ROWS);
  const last = Math.min(list.length, Math.ceil((view.top + view.height) / ROW_HEIGHT) + SPARE_ROWS);
  return html`<div ref=${box} class="rows" tabindex="0" role="region" aria-label="Cases" onScroll=${update}>
    <div class="all" style=${{ height: `${list.length * ROW_HEIGHT}px` }}>
      ${list.slice(first, last).map((item, offset) => html`<div class="row-slot"
        style=${{ top: `${(first + offset) * ROW_HEIGHT}px` }} key=${isHeading(item) ? `heading ${item.heading}` : item.name}>
        ${isHeading(item)
          ? html`<h3 class="row head">${item.heading} <span class="soft">${count(item.size)}</span></h3>`
          : html`<${Row} result=${item} route=${route} selected=${item === selected} />`}</div>`)}
    </div></div>`;
}

/**
 * @param {HTMLElement} box
 * @param {number} position
 */
function scrollTo(box, position) {
  const top = position * ROW_HEIGHT;
  const isVisible = top >= box.scrollTop && top + ROW_HEIGHT <= box.scrollTop + box.clientHeight;
  if (!isVisible) box.scrollTop = top - box.clientHeight / 2;
}

/** @param {{ result: CaseResult, route: Route, selected: boolean }} props */
function Row({ result, route, selected }) {
  const { suite, name, reason, trials, distinctReplies, latency, cost } = result;
  return html`<${Link} to=${{ ...route, name }} class="row ${selected ? "is-selected" : ""}"
      aria-current=${selected ? "true" : undefined}>
    <span class="state"><${Share} result=${result} /></span>
    <span class="name" dir="auto"><span class="of">${suite}::</span><span class="case">${
      name.slice(suite.length + 2)}</span>${reason && html` <span class="soft why">${reason}</span>`}</span>
    <${FlipSign} result=${result} />
    ${trials.length > 1 && distinctReplies > 0 && html`<span class="soft distinct">${plural(distinctReplies, "reply", "replies")}</span>`}
    <span class="figure">${latency === null ? "" : milliseconds(latency)}</span>
    <span class="figure cost">${cost === null ? "" : dollars(cost)}</span><//>`;
}
