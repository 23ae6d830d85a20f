// @ts-check
// Light, dark, or as the system has it.

import { html, useLayoutEffect, useState } from "./preact.js";

const THEMES = ["auto", "light", "dark"];
const KEY = "harness-theme";

export function Theme() {
  const [theme, setTheme] = useState(() => storedTheme() ?? THEMES[0]);
  useLayoutEffect(() => {
    document.documentElement.dataset.theme = theme;
    storeTheme(theme);
  }, [theme]);
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
  return html`<button type="button" onClick=${() => setTheme(next)} aria-label=${`Theme: ${theme}; change to ${next}`}>${theme}</button>`;
}

function storedTheme() {
  try { return localStorage.getItem(KEY); } catch { return null; }
}

/** @param {string} theme */
function storeTheme(theme) {
  try { localStorage.setItem(KEY, theme); } catch { /* pages from a file may store nothing */ }
}
