// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import {
  count, dollars, milliseconds, moment, percent, plural, rate, seconds, usd,
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
examplesOf("USD are written as millionths of them are", usd, [[0.000012, "$0.000012"], [1.5809, "$1.58"], [null, "–"]]);
examplesOf("how far work is done is in whole percents", percent, [[0, "0 %"], [0.705, "71 %"], [1, "100 %"]]);
examplesOf("a rate is shown in the words of Python, not rounded again", rate, [
  [{ share: 0.625, percent: "62 %", range: "[30, 86]", split: "5/8" }, "62 % [30, 86]"],
  [{ share: null, percent: null, range: "[0, 100]", split: "0/0" }, "–"],
]);
examplesOf("large numbers are grouped", count, [[0, "0"], [10_000, "10,000"]]);
examplesOf("what is no date stays as it is", moment, [["soon", "soon"], ["", ""], [null, ""]]);

test("one thing is singular, all other numbers are plural", () => {
  assert.equal(plural(1, "case"), "1 case");
  assert.equal(plural(0, "case"), "0 cases");
  assert.equal(plural(2, "reply", "replies"), "2 replies");
});
