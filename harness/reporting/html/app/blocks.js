// @ts-check
// Where packed blocks come from: elements of the page, or files beside it.

/** @import { BlockFiles, PackedBlock } from "./types.js" */

import { RecentlyUsed } from "./recently_used.js";

const MOST_FILES = 4;

/**
 * @param {string} id
 * @returns {Promise<string>}
 */
export async function blockInside(id) {
  if (!document.getElementById(id) && document.readyState === "loading") {
    await new Promise((resolve) => document.addEventListener("DOMContentLoaded", resolve, { once: true }));
  }
  const element = document.getElementById(id);
  if (!element) throw new Error(`this file ends before its part ${id}: it was not written whole`);
  return element.textContent ?? "";
}

/**
 * A very long run keeps its blocks in scripts beside the page, because pages from a disk may load no other files.
 *
 * @param {BlockFiles} files
 * @returns {PackedBlock}
 */
export function blocksBeside(files) {
  /** @type {Map<string, (blocks: Record<string, string>) => void>} */
  const arriving = new Map();
  Object.assign(window, {
    /**
     * @param {string} file
     * @param {Record<string, string>} blocks
     */
    harnessBlocks: (file, blocks) => arriving.get(file)?.(blocks),
  });

  /**
   * @param {string} file
   * @returns {Promise<Record<string, string>>}
   */
  const load = (file) => new Promise((resolve, reject) => {
    arriving.set(file, resolve);
    const script = document.createElement("script");
    script.src = `${encodeURIComponent(files.folder)}/${file}`;
    script.onload = () => { arriving.delete(file); script.remove(); };
    script.onerror = () => {
      script.remove();
      reject(new Error(`${files.folder}/${file} is missing: it belongs beside this page`));
    };
    document.head.append(script);
  });
  const loaded = new RecentlyUsed(MOST_FILES, load);
  return async (id) => (await loaded.get(files.of[id]))[id];
}
