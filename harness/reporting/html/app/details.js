// @ts-check
// Details of trials, unpacked when they are shown.

/** @import { BlockKind, Index, PackedBlock, TrialDetail } from "./types.js" */

import { RecentlyUsed } from "./recently_used.js";
import { inflated } from "./unpack.js";

const MOST_BLOCKS = 8;

export class Details {
  /**
   * @param {Index} index
   * @param {PackedBlock} packed
   */
  constructor(index, packed) {
    this.index = index;
    /** @type {RecentlyUsed<unknown[]>} */
    this.blocks = new RecentlyUsed(MOST_BLOCKS, async (id) => JSON.parse(await inflated(await packed(id))));
  }

  /**
   * @param {number} trial
   * @returns {Promise<TrialDetail>}
   */
  async trial(trial) {
    return /** @type {Promise<TrialDetail>} */ (this.withTexts(await this.item("d", trial)));
  }

  /**
   * Why a trial failed or errored; empty if it did neither.
   *
   * @param {number} trial
   * @returns {Promise<string>}
   */
  async reason(trial) {
    const { reason = "" } = /** @type {{ reason?: unknown }} */ (await this.item("d", trial));
    return /** @type {Promise<string>} */ (this.withTexts(reason));
  }

  /**
   * The replies of the baseline to a case; none if it keeps no replies.
   *
   * @param {string} name
   * @returns {Promise<string[]>}
   */
  async baselineReplies(name) {
    const number = this.index.baseline_cases.indexOf(name);
    return number < 0 ? [] : /** @type {Promise<string[]>} */ (this.item("b", number));
  }

  /**
   * @param {BlockKind} kind
   * @param {number} number
   */
  async item(kind, number) {
    const starts = this.index.chunks[kind];
    const block = blockOf(starts, number);
    return (await this.blocks.get(`${kind}${block}`))[number - starts[block]];
  }

  /**
   * A value with the shared texts that it refers to.
   *
   * @param {any} value
   * @returns {Promise<unknown>}
   */
  async withTexts(value) {
    if (Array.isArray(value)) return Promise.all(value.map((item) => this.withTexts(item)));
    if (value === null || typeof value !== "object") return value;
    const keys = Object.keys(value);
    if (keys.length === 1 && keys[0] === "$text") return this.item("t", value.$text);
    return Object.fromEntries(await Promise.all(
      keys.map(async (key) => [key, await this.withTexts(value[key])]),
    ));
  }
}

/**
 * The block that holds an item, by the number of the first item of each.
 *
 * @param {number[]} starts
 * @param {number} number
 */
export function blockOf(starts, number) {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle] <= number) low = middle;
    else high = middle - 1;
  }
  return low;
}
