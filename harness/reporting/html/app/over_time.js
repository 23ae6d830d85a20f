// @ts-check
// A chart of retries and of the limit of concurrent requests over the run.

import { count, seconds } from "./format.js";
import { usePage } from "./page.js";
import { html } from "./preact.js";
import { sum } from "./statistics.js";

const WIDTH = 720;
const HEIGHT = 110;
const HEADROOM = 8;

export function OverTime() {
  const { facts, index: { attempts_over_time: attempts, limits } } = usePage();
  const reasons = Object.entries(attempts);
  if (!facts.seconds || (!reasons.length && limits.length < 2)) return null;
  const retries = reasons.map(([name, counts]) => `${count(sum(counts) ?? 0)} ${name}`).join(", ") || "none";
  const highestLimit = Math.max(1, ...limits.map(([, limit]) => limit));
  const range = limits.length ? `from ${limits[0][1]} to ${limits[limits.length - 1][1]}, at most ${highestLimit}` : "";
  return html`<h3>Over the run</h3><svg class="over-time" viewBox="0 0 ${WIDTH} ${HEIGHT + 16}" role="img"
      aria-label=${`Attempts made again: ${retries}. Requests at once: ${range || "not known"}.`}>
      ${bars(reasons)}
      ${limits.length > 0 && html`<path class="limit" d=${limitPath(limits, highestLimit, facts.seconds)} />`}
      <line class="axis" x1="0" x2=${WIDTH} y1=${HEIGHT} y2=${HEIGHT} /><text x="0" y=${HEIGHT + 14}>0 s</text>
      <text x=${WIDTH} y=${HEIGHT + 14} text-anchor="end">${seconds(facts.seconds)}</text></svg>
    <p class="soft"><span class="key again"></span> attempts made again (${retries})${range && html` ·
      <span class="key limit"></span> requests that might be under way at once (${range})`}</p>`;
}

/** @param {[reason: string, counts: number[]][]} reasons how often each was the reason, bin by bin */
function bars(reasons) {
  if (!reasons.length) return null;
  const totals = reasons[0][1].map((_, bin) => reasons.reduce((all, [, counts]) => all + counts[bin], 0));
  const highest = Math.max(1, ...totals);
  const width = WIDTH / totals.length;
  return totals.map((total, bin) => total > 0 && html`<rect class="again" x=${bin * width + 1} width=${width - 2}
    y=${heightAt(total / highest)} height=${HEIGHT - heightAt(total / highest)} rx="1">
    <title>${reasons.map(([name, counts]) => `${counts[bin]} ${name}`).join(", ")}</title></rect>`);
}

/**
 * @param {[second: number, limit: number][]} limits
 * @param {number} highest
 * @param {number} duration in seconds
 */
function limitPath(limits, highest, duration) {
  const steps = limits.map(([second, limit], position) => {
    const [x, y] = [WIDTH * Math.min(1, second / duration), heightAt(limit / highest)];
    return position ? `H${x} V${y}` : `M${x},${y}`;
  });
  return `${steps.join(" ")} H${WIDTH}`;
}

/** @param {number} share of the height, from below */
function heightAt(share) {
  return HEIGHT - (HEIGHT - HEADROOM) * share;
}
