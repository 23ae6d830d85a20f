// @ts-check
// What is shown, as an address that can be shared.

/** @import { CaseResult, Route } from "./types.js" */

/**
 * @param {string} hash
 * @returns {Route}
 */
export function parseHash(hash) {
  const [, path, query] = /** @type {RegExpExecArray} */ (/^#?\/?([^?]*)\??(.*)$/s.exec(hash));
  const [page, ...rest] = path.split("/");
  const parameters = Object.fromEntries(new URLSearchParams(query));
  return { name: decoded(rest.join("/")), ...parameters, page: page || "overview" };
}

/**
 * Decode as far as possible: an address may have been cut off inside a letter.
 *
 * @param {string} text
 */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** @param {Route} route */
export function hashOf({ page, name, ...parameters }) {
  const path = page === "overview" ? "#/" : `#/${page}${name ? `/${encodeURIComponent(name)}` : ""}`;
  const parameterList = new URLSearchParams();
  for (const [key, value] of Object.entries(parameters)) {
    if (value !== undefined && value !== "") parameterList.set(key, String(value));
  }
  const query = parameterList.toString();
  return query ? `${path}?${query}` : path;
}

/**
 * @param {CaseResult} result
 * @param {Partial<Route>} more
 * @returns {Route}
 */
export function resultRoute(result, more = {}) {
  return { ...more, page: "c", name: result.name };
}

/**
 * @param {string} query
 * @returns {Route}
 */
export function casesRoute(query) {
  return { page: "cases", q: query };
}
