// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { casesRoute, hashOf, parseHash, resultRoute } from "../../../../harness/reporting/html/app/route.js";
import { reportOf } from "./indexes.js";

test("an empty address is the overview", () => {
  for (const hash of ["", "#", "#/"]) assert.equal(parseHash(hash).page, "overview");
});

for (const name of ["desk::refund[haiku]", "a/b", "50% off?", "é & ü", "#1", "\u0000", "a b+c", "x".repeat(300)]) {
  test(`an address leads back to where it was made: ${JSON.stringify(name.slice(0, 20))}`, () => {
    const route = { page: "c", name, q: `case:"${name}"`, tab: "raw" };
    assert.deepEqual(parseHash(hashOf(route)), route);
  });
}

test("what is empty or missing is not in the address", () => {
  assert.equal(hashOf({ page: "cases", name: "", q: "", tab: undefined }), "#/cases");
  assert.equal(hashOf({ page: "overview" }), "#/");
});

test("a repeat is a number or a text", () => {
  assert.equal(hashOf({ page: "c", name: "a", r: 3 }), "#/c/a?r=3");
  assert.equal(parseHash("#/c/a?r=3").r, "3");
});

test("an address that was cut off in the middle of a letter is still read", () => {
  assert.equal(parseHash("#/c/caf%C3").name, "caf%C3");
  assert.equal(parseHash("#/c/%E0%A4%A").name, "%E0%A4%A");
});

test("a question mark inside a query belongs to it", () => {
  assert.equal(parseHash("#/cases?q=why?").q, "why?");
});

test("a parameter may name the case, but not another page", () => {
  const route = parseHash("#/cases?name=a::b&page=run");
  assert.equal(route.name, "a::b");
  assert.equal(route.page, "cases");
});

test("a route to a case result keeps what else was chosen", () => {
  const { results: [result] } = reportOf([{ case: "refund", variant: "haiku" }]);
  assert.equal(hashOf(resultRoute(result, { tab: "raw" })), "#/c/desk%3A%3Arefund%5Bhaiku%5D?tab=raw");
  assert.equal(hashOf(casesRoute("s:failed")), "#/cases?q=s%3Afailed");
});
