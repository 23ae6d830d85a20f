// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import {
  count, dollars, milliseconds, moment, percent, plural, points, rate, seconds,
} from "../../../../harness/reporting/html/app/format.js";

/**
 * @param {string} sentence
 * @param {(value: any) => string} format
 * @param {[value: unknown, text: string][]} examples
 */
function examplesOf(sentence, format, examples) {
  for (const [value, text] of examples) {
    test(`${sentence}: ${JSON.stringify(value) ?? "undefined"}`, () => assert.equal(format(value), text));
  }
}

examplesOf("times below a second are in milliseconds, longer ones in seconds", milliseconds, [
  [0, "0 ms"], [999, "999 ms"], [999.6, "1.00 s"], [1000, "1.00 s"], [9999, "10.00 s"], [10_000, "10.0 s"],
  [null, "–"], [undefined, "–"],
]);
examplesOf("seconds are shown as milliseconds are", seconds, [[0.0004, "0 ms"], [0.25, "250 ms"], [12.5, "12.5 s"], [null, "–"]]);
examplesOf("small costs have more decimals", dollars, [
  [0, "$0.000000"], [12, "$0.000012"], [10_000, "$0.0100"], [1_580_900, "$1.58"], [null, "–"],
]);
examplesOf("shares are whole percents", percent, [[0, "0 %"], [0.705, "71 %"], [1, "100 %"], [null, "–"], [undefined, "–"]]);
examplesOf("a rate has its interval", rate, [
  [{ share: 0.9, interval: [0.7, 0.972] }, "90 % [70–97]"], [{ share: null, interval: [0, 1] }, "–"], [null, "–"],
]);
examplesOf("a difference has a sign", points, [[0.1, "+10.0"], [0, "+0.0"], [-0.312, "−31.2"]]);
examplesOf("large numbers are grouped", count, [[0, "0"], [10_000, "10,000"]]);
examplesOf("what is no date stays as it is", moment, [["soon", "soon"], ["", ""], [null, ""]]);

test("one thing is singular, all other numbers are plural", () => {
  assert.equal(plural(1, "case"), "1 case");
  assert.equal(plural(0, "case"), "0 cases");
  assert.equal(plural(2, "reply", "replies"), "2 replies");
});
