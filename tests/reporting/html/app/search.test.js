// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { trialName } from "../../../../harness/reporting/html/app/report.js";
import { Search, SearchError, parseQuery } from "../../../../harness/reporting/html/app/search.js";
import { reportOf } from "./indexes.js";

const REPORT = reportOf([
  { case: "refund", outcome: "p", latency: 400, cost: 20_000, score: 1000, tags: ["Smoke", "fast"], tokensOut: 50, result: { flip: "changed" } },
  { case: "invoice", variant: "haiku", outcome: "f", latency: 5200, score: 250, failure: ["contains", "… is missing"],
    result: { flip: "broken", reason: "contains: 'Invoice 7' is missing" } },
  { suite: "triage", case: "order", outcome: "p", repeat: 1, reply: 0, result: { label: "flaky", repeats: 2, share: 0.5, flip: "newly_flaky" } },
  { suite: "triage", case: "order", outcome: "f", repeat: 2, reply: 1, failure: ["max_words", "too Long"] },
  { suite: "triage", case: "late", outcome: "e", attempts: 3, failure: ["api_error", "HTTP …"], result: { flip: "still_failing" } },
  { suite: "triage", case: "later", outcome: "s", attempts: 0 },
  { suite: "triage", case: "odd", outcome: "x", tokensIn: 3000 },
  { suite: "triage", case: "spread", outcome: "p", repeat: 1, result: { label: "flaky-allowed", repeats: 2, share: 0.5, flip: "moved" } },
  { suite: "triage", case: "spread", outcome: "f", repeat: 2, failure: ["max_words", "too Long"] },
  { suite: "triage", case: "better", outcome: "p", result: { label: "xpassed" } },
], {
  facts: [[0, 1, { model: "claude-Haiku-4-5" }]],
});
const NAMES = {
  refund: "desk::refund", invoice: "desk::invoice[haiku]", order1: "triage::order#1", order2: "triage::order#2",
  late: "triage::late", later: "triage::later", odd: "triage::odd", spread1: "triage::spread#1", spread2: "triage::spread#2",
  better: "triage::better",
};
const ALL = Object.values(NAMES);
const { refund, invoice, order1, order2, late, later, odd, spread1, spread2, better } = NAMES;

/** @param {string} query */
function search(query) {
  return new Search(REPORT).trials(query).map((trial) => trialName(REPORT, trial));
}

for (const [query, names] of /** @type {[string, string[]][]} */ ([
  ["", ALL], ["   ", ALL],
  ["REFUND", [refund]], ["desk:: haiku", [invoice]], ["desk::refund", [refund]], ["!triage::late", [refund, invoice, order1, order2, odd, spread1, spread2, better]], ['"is missing"', [invoice]], ["LONG", [order2, spread2]], ["invoice 7", [invoice]], ["\"invoice 7\"", [invoice]], ["nothing-like-it", []],
  ["!triage", [refund, invoice]], ["!!triage", ALL], ["late !later", [late]], ['!"is missing" desk', [refund]],
  ["s:passed", [refund, order1, spread1, better]], ["s:FAILED", [invoice, order2, spread2]], ["s:errored", [late]], ["s:skipped", [later]],
  ["s:xfailed", [odd]], ["s:unjudged", []], ["s:flaky", [order1, order2, spread1, spread2]],
  ["s:flaky-allowed", [spread1, spread2]], ["s:xpassed", [better]], ["s:wrong", [invoice, order1, order2, late]],
  ["m:haiku", [invoice]], ["v:default !triage", [refund]], ["suite:TRI s:failed", [order2, spread2]], ['case:"late"', [late, later]],
  ["a:contains", [invoice]], ["!a:e !s:skipped", [refund, invoice, order1, order2, odd, spread1, spread2, better]],
  ["@smoke", [refund]], ["@SMOKE", [refund]], ["@smok", []], ["@fast", [refund]], ["@", []], ['"@smoke"', []],
  ["flip:broken", [invoice]], ["flip:flaky", [order1, order2]], ["flip:failing", [late]], ["flip:changed", [refund]],
  ["flip:fixed", []], ["flip:moved", [spread1, spread2]], ["flip:newly_flaky", [order1, order2]],
  ["flip:any", [refund, invoice, order1, order2, late, spread1, spread2]], ["!flip:any", [later, odd, better]],
  ["dur:>5s", [invoice]], ["dur:<500ms", [refund]], ["dur:>=0.4 dur:<=5.2", [refund, invoice]], ["dur:0.4", [refund]],
  ["cost:>0.01", [refund]], ["cost:<0", []], ["cost:>-1", [refund]], ["!cost:>0 desk", [invoice]],
  ["score:<0.5", [invoice]], ["score:=1", [refund]], ["tok:>2000", [odd]], ["tok:50", [refund]],
  ["rep:<1 rep:>0", [order1, order2, spread1, spread2]], ["rep:0", [invoice, late, odd]], ["tries:>1", [late]], ["tries:0", [later]],
  ["re:/^desk::r/", [refund]], ["re:/LONG$/", []], ["re:/LONG$/i", [order2, spread2]], ["re:/Invoice \\d/", [invoice]], ["!re:/./", []], ["re:/a\\/b/", []],
  ["/late/", []], ["re:late", null],
])) {
  test(`the query ${JSON.stringify(query)} ${names ? `matches ${names.length}` : "is refused"}`, () => {
    if (names) assert.deepEqual(search(query), names);
    else assert.throws(() => search(query), SearchError);
  });
}

for (const [query, message] of /** @type {[string, RegExp][]} */ ([
  ["dur:fast", /“dur:fast” cannot be read; write dur:>1/], ["cost:>5s", /cannot be read/], ["tok:>", /cannot be read/],
  ["score:1.", /cannot be read/], ["s:broken", /no outcome “broken”: passed, failed/], ["flip:x", /no change “x”: broken/],
  ["colour:red", /no key “colour:”: m, v, suite, case, a, s, flip, re, dur/], ["re:/(/", /the pattern cannot be read/],
  ["m:/x/", /“m:” takes no pattern/], ['say "hello', /a “"” is missing/], ["m:", /“m:” needs a value/], ['m:""', /“m:” needs a value/],
])) {
  test(`a query that cannot be read says why: ${query}`, () => {
    assert.throws(() => search(query), (error) => error instanceof SearchError && message.test(error.message));
  });
}

for (const word of ["constructor", "toString", "__proto__", "hasOwnProperty"]) {
  test(`names that every object has are no keys and no values: ${word}`, () => {
    assert.throws(() => search(`s:${word}`), SearchError);
    assert.throws(() => search(`flip:${word}`), SearchError);
    if (/^[a-z]+$/.test(word)) assert.throws(() => search(`${word}:1`), /no key/);
  });
}

test("a case result matches if one of its trials does", () => {
  assert.deepEqual(new Search(REPORT).results("s:failed").map((result) => result.name), [invoice, "triage::order", "triage::spread"]);
});

test("no query leaves the list of results as it is", () => {
  assert.equal(new Search(REPORT).results(" "), REPORT.results);
});

test("a query is read term by term", () => {
  assert.deepEqual(parseQuery('!s:failed "two words"').map(({ key, phrase, word, negated }) => [key, phrase ?? word, negated]),
    [["s", "failed", true], ["", "two words", false]]);
  assert.deepEqual(parseQuery(""), []);
});
