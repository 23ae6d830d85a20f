// @ts-check
// Searching in all prompts, replies and verdicts, block by block.

/** @import { RunTask, BlockKind, Index, PackedBlock, Wanted } from "./types.js" */

const AT_ONCE = 8;

/**
 * The trials whose texts contain something; null if `report` cancels the search.
 *
 * @param {Index["chunks"]} chunks
 * @param {PackedBlock} packed
 * @param {RunTask} runTask
 * @param {string} text
 * @param {(share: number, trials: number[]) => boolean} report gets the share that is done and the matches so far; it returns false to cancel
 * @returns {Promise<number[] | null>}
 */
export async function searchTexts(chunks, packed, runTask, text, report) {
  /** @type {Wanted} */
  const wanted = { text: text.toLowerCase(), shared: new Set() };
  /** @type {number[]} */
  const trials = [];
  const blocks = chunks.t.length + chunks.d.length;
  let done = 0;
  /** @type {BlockKind[]} */
  const kinds = ["t", "d"];  // what refers to a shared text comes after the texts
  for (const kind of kinds) {
    for (let first = 0; first < chunks[kind].length; first += AT_ONCE) {
      const starts = chunks[kind].slice(first, first + AT_ONCE);
      const matches = await Promise.all(starts.map(async (start, position) => {
        const block = await packed(`${kind}${first + position}`);
        return runTask({ kind: "scan", start, block, wanted });
      }));
      for (const number of matches.flat()) {
        if (kind === "t") wanted.shared.add(number);
        else trials.push(number);
      }
      done += starts.length;
      if (!report(done / blocks, trials)) return null;
    }
  }
  return trials;
}
