// @ts-check
// Reads the page's data and shows it. No other module of the page has effects when it is loaded.

/** @import { Index } from "./types.js" */
/** @import { Page } from "./page.js" */

import { App } from "./app.js";
import { blockInside, blocksBeside } from "./blocks.js";
import { Details } from "./details.js";
import { PageContext } from "./page.js";
import { Paper } from "./paper.js";
import { html, render } from "./preact.js";
import { makeReport, trialName } from "./report.js";
import { Search } from "./search.js";
import { workerOf, workerPool } from "./worker_pool.js";

/** @param {string} id */
function jsonOf(id) {
  return JSON.parse(document.getElementById(id)?.textContent ?? "null");
}

/** @returns {Page} */
function readPage() {
  /** @type {Index} */
  const index = jsonOf("index");
  const report = makeReport(index);
  const packed = index.files ? blocksBeside(index.files) : blockInside;
  return {
    ...report, packed, details: new Details(index, packed), search: new Search(report),
    runTask: workerPool(() => workerOf(jsonOf("worker")), navigator.hardwareConcurrency || 1),
    shown: { results: report.results },
  };
}

/** @param {Page} page */
function show(page) {
  const root = /** @type {HTMLElement} */ (document.getElementById("app"));
  const paper = document.createElement("div");
  document.body.append(paper);
  /** @param {unknown} component */
  const withPage = (component) => html`<${PageContext.Provider} value=${page}><${component} /><//>`;
  window.addEventListener("beforeprint", () => render(withPage(Paper), paper));
  window.addEventListener("afterprint", () => render(null, paper));
  root.textContent = "";
  render(withPage(App), root);
}

const page = readPage();
show(page);
// For tests, and for the curious in a console.
Object.assign(window, {
  harnessReport: {
    search: (/** @type {string} */ query) => page.search.trials(query).map((trial) => trialName(page, trial)),
    results: page.results.length, trials: page.trialCount,
  },
});
