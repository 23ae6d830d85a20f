// @ts-check
// What main.js hands to every component.

/** @import { RunTask, CaseResult, PackedBlock, Report } from "./types.js" */
/** @import { Details } from "./details.js" */
/** @import { Search } from "./search.js" */
/**
 * @typedef {Report & {
 *   details: Details, search: Search, packed: PackedBlock, runTask: RunTask,
 *   shown: { results: CaseResult[] },
 * }} Page `shown` holds the list of cases that is on the screen, for the keys that walk through it.
 */

import { createContext, useContext } from "./preact.js";

export const PageContext = createContext(/** @type {Page | null} */ (null));

/** @returns {Page} */
export function usePage() {
  return /** @type {Page} */ (useContext(PageContext));
}
