// @ts-check
// Which replies that stand beside each other are the same, and what differs between those that are not.

/** @import { Label } from "./types.js" */
/**
 * @typedef {object} Column
 * @property {string} name
 * @property {Label | null} label
 * @property {number | null} reply its number in the index: equal numbers are equal replies, with their tool calls and
 *   earlier turns; -1 without a reply, null in the baseline, whose replies have no number
 * @property {string | null} text of the last turn; null without a reply
 * @property {string | null} whole with tool calls and earlier turns; null without a reply, and in the baseline, which
 *   keeps texts only
 * @property {string | null} prompt null where it is not kept
 */

import { groupedBy } from "./grouping.js";

/**
 * @param {Column[]} columns
 * @returns {Column[][]}
 */
export function sameReplies(columns) {
  return groupedBy(columns, ({ reply }, position) => (
    reply === null || reply < 0 ? `column ${position}` : `reply ${reply}`)).map(([, same]) => same);
}

/**
 * What cannot be seen in the texts of two replies that are not identical; empty if the texts show it.
 *
 * @param {Column} column
 * @param {Column} chosen
 */
export function differenceNote(column, chosen) {
  if (column.text === null || column.text !== chosen.text) return "";
  if (column.reply === null || chosen.reply === null) {
    return `same text as ${chosen.name}; the baseline keeps no tool calls and earlier turns`;
  }
  return `same text as ${chosen.name}; the tool calls or earlier turns differ`;
}
