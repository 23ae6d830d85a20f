// @ts-check
// Web workers for long tasks, so that the page stays responsive.

/** @import { RunTask } from "./types.js" */

const MOST_WORKERS = 4;

/**
 * Return a function that gives tasks to workers in turn; there is one for each processor.
 *
 * @param {() => Worker} makeWorker
 * @param {number} processors
 * @returns {RunTask}
 */
export function workerPool(makeWorker, processors) {
  /** @type {Map<number, { resolve: (value: any) => void, reject: (error: Error) => void }>} */
  const waiting = new Map();
  /** @type {Worker[]} */
  const workers = [];
  let asked = 0;

  /** @param {MessageEvent<{ id: number, value?: unknown, error?: string }>} message */
  const receive = ({ data: { id, value, error } }) => {
    const request = waiting.get(id);
    waiting.delete(id);
    if (error !== undefined) request?.reject(new Error(error));
    else request?.resolve(value);
  };
  const started = () => {
    const worker = makeWorker();
    worker.onmessage = receive;
    return worker;
  };

  return (task) => {
    asked += 1;
    const id = asked;
    const position = id % Math.min(MOST_WORKERS, processors);
    workers[position] ??= started();
    return new Promise((/** @type {(value: any) => void} */ resolve, reject) => {
      waiting.set(id, { resolve, reject });
      workers[position].postMessage({ id, task });
    });
  };
}

/** @param {string} source */
export function workerOf(source) {
  return new Worker(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
}
