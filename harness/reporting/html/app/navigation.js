// @ts-check
// The address bar: reading it and changing it.

/** @import { Route } from "./types.js" */

import { useEffect, useState } from "./preact.js";
import { hashOf, parseHash } from "./route.js";

/** @param {Route} route */
export function go(route) {
  location.hash = hashOf(route);
}

/**
 * Change the address without a new entry in the history.
 *
 * @param {Route} route
 */
export function adjust(route) {
  history.replaceState(history.state, "", hashOf(route));
  window.dispatchEvent(new HashChangeEvent("hashchange"));
}

/** @returns {Route} */
export function useRoute() {
  const [route, setRoute] = useState(() => parseHash(location.hash));
  useEffect(() => {
    const update = () => setRoute(parseHash(location.hash));
    window.addEventListener("hashchange", update);
    return () => window.removeEventListener("hashchange", update);
  }, []);
  return route;
}
