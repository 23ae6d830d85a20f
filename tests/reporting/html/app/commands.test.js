// @ts-check
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";

import { curlCommand, quoted, rerunCommand, rerunCommands } from "../../../../harness/reporting/html/app/commands.js";
import { reportOf } from "./indexes.js";

const WORDS = ["plain", "", "two words", "it's", "$HOME `id` \\", '"', "a\nb", "*?[x]", "é", "-n", "a=b,c"];

for (const word of WORDS) {
  test(`a shell reads a quoted word as it was: ${JSON.stringify(word)}`, () => {
    assert.equal(execFileSync("sh", ["-c", `printf %s. ${quoted(word)}`], { encoding: "utf8" }), word === "-n" ? "-n." : `${word}.`);
  });
}

test("a case is run again with the options of its run", () => {
  const { facts, results: [result] } = reportOf([{ variant: "haiku" }]);
  assert.equal(rerunCommand({ ...facts, options: ["--set", "a=b c"] }, result),
    "harness run desk.suite.yaml --only 'desk::refund[haiku]' --set 'a=b c'");
});

test("cases of several suites take a command for each suite", () => {
  const { results } = reportOf([{ suite: "a", case: "x" }, { suite: "b", case: "y" }, { suite: "a", case: "z" }]);
  assert.deepEqual(rerunCommands(results).split("\n"),
    ["harness run a.suite.yaml --only a::x --only a::z", "harness run b.suite.yaml --only b::y"]);
});

test("curl sends the request to the base URL of the settings, and no key stands in it", () => {
  const { facts } = reportOf([]);
  const command = curlCommand({ ...facts, settings: { base_url: "http://localhost:1" } }, { messages: [{ role: "user", content: "it's" }] });
  assert.match(command, /^curl http:\/\/localhost:1\/v1\/messages /);
  assert.match(command, /"Authorization: Bearer \$HARNESS_API_KEY"/);
  assert.match(curlCommand(facts, undefined), /https:\/\/api\.example\.com\/v1\/messages/);
});
