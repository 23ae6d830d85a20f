// @ts-check
// Keyboard shortcuts.

/** @import { CaseResult, Route } from "./types.js" */
/** @import { Page } from "./page.js" */

import { TABS } from "./case.js";
import { adjust, go } from "./navigation.js";
import { usePage } from "./page.js";
import { useEffect, useRef } from "./preact.js";
import { variantsOf } from "./report.js";
import { casesRoute, resultRoute } from "./route.js";
import { nextInCircle, nextResult } from "./walk.js";

// after `g`
const PAGE_KEYS = new Map([
  ["o", "overview"], ["c", "cases"], ["f", "failures"], ["d", "diff"], ["p", "perf"], ["r", "run"],
]);

/**
 * @param {Route} route
 * @param {() => void} openHelp
 */
export function useKeys(route, openHelp) {
  const page = usePage();
  const afterG = useRef(false);
  useEffect(() => {
    /** @param {KeyboardEvent} event */
    const press = (event) => {
      const target = event.target instanceof Element ? event.target : document.body;
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (target.matches("input, textarea, select")) {
        if (event.key === "Escape") /** @type {HTMLElement} */ (target).blur();
        return;
      }
      if (document.querySelector("dialog[open]")) return;
      const isGoing = afterG.current;
      afterG.current = !isGoing && event.key === "g";
      const isKey = isGoing ? goTo(event.key) : afterG.current || pressed(event.key, { page, route, openHelp, target });
      if (isKey) event.preventDefault();
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, [route]);
}

/** @param {string} key */
function goTo(key) {
  const page = PAGE_KEYS.get(key);
  if (page) go({ page });
  return page !== undefined;
}

/**
 * @param {string} key
 * @param {{ page: Page, route: Route, openHelp: () => void, target: Element }} context
 * @returns {boolean} whether the key means something here
 */
function pressed(key, { page, route, openHelp, target }) {
  const result = page.resultByName.get(route.name ?? "");
  const isInList = route.page === "cases";
  switch (key) {
    case "?": openHelp(); return true;
    case "/": focusSearch(); return true;
    case "j": step(page, route, 1); return true;
    case "k": step(page, route, -1); return true;
    case "n": step(page, route, 1, ({ needsAttention }) => needsAttention); return true;
    case "p": step(page, route, -1, ({ needsAttention }) => needsAttention); return true;
    case "x": go(casesRoute(route.q === "flip:any" ? "" : "flip:any")); return true;
    case "w": document.documentElement.classList.toggle("no-wrap"); return true;
    case "Escape":
      if (isInList && route.name) adjust({ ...route, name: "" });
      else history.back();
      return true;
    case "Enter":
      if (!result || !isInList || target.matches("a, button, summary")) return false;
      go(resultRoute(result, { tab: route.tab, r: route.r }));
      return true;
    default: return result ? pressedOnCase(key, page, route, result) : false;
  }
}

/**
 * @param {string} key
 * @param {Page} page
 * @param {Route} route
 * @param {CaseResult} result
 */
function pressedOnCase(key, page, route, result) {
  const tab = TABS[Number(key) - 1];
  if (tab) {
    adjust({ ...route, tab });
    return true;
  }
  const isComparing = route.tab === "compare" && route.diff !== "off";
  switch (key) {
    case "[": showVariant(page, route, result, -1); return true;
    case "]": showVariant(page, route, result, 1); return true;
    case "d": adjust({ ...route, tab: "compare", diff: isComparing ? "off" : undefined }); return true;
    case "y": clickCopy("id"); return true;
    case "c": clickCopy("command"); return true;
    default: return false;
  }
}

/** Focus the search box at once where it is, because letters may follow; else as soon as it is there. */
function focusSearch() {
  if (focusBox()) return;
  go({ page: "cases" });
  const drawn = new MutationObserver(() => { if (focusBox()) drawn.disconnect(); });
  drawn.observe(document.body, { childList: true, subtree: true });
}

/** @returns {boolean} whether there is a search box */
function focusBox() {
  const box = document.getElementById("search");
  box?.focus();
  return box !== null;
}

/** @param {string} what */
function clickCopy(what) {
  /** @type {HTMLElement | null} */ (document.querySelector(`[data-copy="${what}"]`))?.click();
}

/**
 * @param {Page} page
 * @param {Route} route
 * @param {CaseResult} result
 * @param {1 | -1} direction
 */
function showVariant(page, route, result, direction) {
  const { name } = nextInCircle(variantsOf(page, result), result, direction);
  adjust({ ...route, name, r: undefined });
}

/**
 * Show the next case of the list, or of the run where there is no list.
 *
 * @param {Page} page
 * @param {Route} route
 * @param {1 | -1} direction
 * @param {(result: CaseResult) => boolean} fits
 */
function step(page, route, direction, fits = () => true) {
  const results = route.page === "cases" ? page.shown.results : page.results;
  const next = nextResult(results, route.name, direction, fits);
  if (!next) return;
  const isOnCase = route.page === "cases" || route.page === "c";
  const target = { ...(isOnCase ? route : {}), page: route.page === "c" ? "c" : "cases", name: next.name, r: undefined };
  if (isOnCase && route.name) adjust(target);
  else go(target);
}
