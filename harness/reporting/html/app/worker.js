// @ts-check
// The web worker: computes differences of texts and searches in packed blocks.

/** @import { DiffTask, ScanTask } from "./types.js" */

import { changesOf } from "./differ.js";
import { scan } from "./scan.js";

/** @param {MessageEvent<{ id: number, task: DiffTask | ScanTask }>} message */
self.onmessage = async ({ data: { id, task } }) => {
  try {
    self.postMessage({ id, value: task.kind === "diff" ? changesOf(task) : await scan(task) });
  } catch (error) {
    self.postMessage({ id, error: String(error) });
  }
};
