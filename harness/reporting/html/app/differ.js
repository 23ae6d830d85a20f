// @ts-check
// How two texts differ; the library is vendored, a global of a classic script.

/** @import { DiffTask, TextChange } from "./types.js" */

const MOST_MILLISECONDS = 1500;

/**
 * @param {DiffTask} task
 * @returns {TextChange[] | null} null if they differ too much to say in time
 */
export function changesOf({ before, after, words }) {
  const { diffLines, diffWordsWithSpace } = globalThis.Diff;
  const parts = (words ? diffWordsWithSpace : diffLines)(before, after, { timeout: MOST_MILLISECONDS });
  return parts?.map(({ value, added, removed }) =>
    ({ value, added: Boolean(added), removed: Boolean(removed) })) ?? null;
}
