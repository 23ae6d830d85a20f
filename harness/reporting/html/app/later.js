// @ts-check
// Values that load asynchronously: details are unpacked when they are shown.

import { html, useEffect, useState } from "./preact.js";

/**
 * @template T
 * @typedef {{ inputs?: readonly unknown[], value?: T, error?: Error }} Later
 */

/**
 * @template T
 * @param {() => Promise<T>} make
 * @param {readonly unknown[]} inputs what it is made of: when they change, it is made again
 * @returns {Later<T>}
 */
export function useLater(make, inputs) {
  const [state, setState] = useState(/** @type {Later<T>} */ ({}));
  useEffect(() => {
    let stale = false;
    make().then(
      (value) => stale || setState({ inputs, value }),
      (error) => stale || setState({ inputs, error }),
    );
    return () => { stale = true; };
  }, inputs);
  return state.inputs?.every((input, position) => input === inputs[position]) ? state : {};
}

/**
 * @template T
 * @param {{ state: Later<T>, children: (value: T) => VNode }} props
 */
export function Waiting({ state, children }) {
  if (state.error) return html`<p class="problem" role="alert">${state.error.message}</p>`;
  return state.value === undefined ? html`<p class="soft">Loading …</p>` : children(state.value);
}
