// @ts-check
// Commands to paste into a shell.

/** @import { CaseResult, Request, RunFacts } from "./types.js" */

import { groupedBy } from "./grouping.js";

/** @param {string} word */
export function quoted(word) {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'"'"'`)}'`;
}

/**
 * @param {RunFacts} facts
 * @param {CaseResult} result
 */
export function rerunCommand(facts, result) {
  const words = ["harness", "run", result.path, "--only", result.name, ...(facts.options ?? [])];
  return words.map(quoted).join(" ");
}

/**
 * One command for each suite.
 *
 * @param {CaseResult[]} results
 */
export function rerunCommands(results) {
  return groupedBy(results, (result) => result.path).map(([path, inSuite]) => {
    const only = inSuite.flatMap((result) => ["--only", result.name]);
    return ["harness", "run", path, ...only].map(quoted).join(" ");
  }).join("\n");
}

/**
 * @param {RunFacts} facts
 * @param {Request | undefined} request
 */
export function curlCommand(facts, request) {
  const base = facts.settings?.base_url || "https://api.example.com";
  return `curl ${quoted(`${base}/v1/messages`)} -H "Authorization: Bearer $HARNESS_API_KEY"`
    + ` -H 'content-type: application/json' -d ${quoted(JSON.stringify(request) ?? "")}`;
}
