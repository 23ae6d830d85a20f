// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

/** @import { DiffTask } from "../../../../harness/reporting/html/app/types.js" */

import { workerPool } from "../../../../harness/reporting/html/app/worker_pool.js";

/** @type {DiffTask} */
const TASK = { kind: "diff", before: "a", after: "b", words: true };

/** A worker that answers when the test wants it. */
class FakeWorker {
  constructor() {
    /** @type {number[]} */
    this.ids = [];
    /** @type {(message: { data: object }) => void} */
    this.onmessage = () => {};
  }

  /** @param {{ id: number }} message */
  postMessage({ id }) {
    this.ids.push(id);
  }

  /** @param {object} answer */
  answer(answer) {
    this.onmessage({ data: answer });
  }
}

/** @param {number} processors */
function poolOf(processors) {
  /** @type {FakeWorker[]} */
  const workers = [];
  const runTask = workerPool(() => {
    const worker = new FakeWorker();
    workers.push(worker);
    return /** @type {Worker} */ (/** @type {unknown} */ (worker));
  }, processors);
  return { runTask, workers };
}

test("no worker starts before it is needed, and four at most", () => {
  const { runTask, workers } = poolOf(64);
  assert.equal(workers.length, 0);
  for (let number = 0; number < 10; number += 1) void runTask(TASK);
  assert.equal(workers.length, 4);
});

test("answers reach those who asked, in whatever order they come", async () => {
  const { runTask, workers } = poolOf(1);
  const [first, second] = [runTask(TASK), runTask(TASK)];
  const [worker] = workers;
  worker.answer({ id: worker.ids[1], value: ["second"] });
  worker.answer({ id: worker.ids[0], value: null });
  assert.equal(await first, null);
  assert.deepEqual(await second, ["second"]);
});

test("an error in a worker is one for whoever asked", async () => {
  const { runTask, workers } = poolOf(1);
  const answer = runTask(TASK);
  workers[0].answer({ id: workers[0].ids[0], error: "Error: too large" });
  await assert.rejects(answer, /too large/);
});
