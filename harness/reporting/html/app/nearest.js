// @ts-check
// Suggestions for a name that is not in the run.

/** @import { CaseResult } from "./types.js" */

const MOST_NAMES = 5;

/**
 * The results whose names share the most pairs of letters with a name (Dice's coefficient).
 *
 * @param {CaseResult[]} results
 * @param {string} name
 */
export function nearest(results, name) {
  const wanted = pairsOf(name);
  return results
    .map((result) => ({ result, likeness: likeness(wanted, pairsOf(result.name)) }))
    .sort((one, other) => other.likeness - one.likeness || one.result.number - other.result.number)
    .slice(0, MOST_NAMES)
    .map(({ result }) => result);
}

/** @param {string} text */
function pairsOf(text) {
  const letters = [...text.toLowerCase()];
  return new Set(letters.map((letter, position) => letter + (letters[position + 1] ?? "")));
}

/**
 * @param {Set<string>} one
 * @param {Set<string>} other
 */
function likeness(one, other) {
  const common = [...one].filter((pair) => other.has(pair)).length;
  return common && (2 * common) / (one.size + other.size);
}
