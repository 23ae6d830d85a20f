// Speed and cost: how they are distributed, and who takes the most.

const BINS = 30;

function Performance() {
  const groups = index.groups.filter((group) => group.cost);
  const dearest = Math.max(...groups.map((group) => group.cost), 0);
  return html`<h2>Speed</h2><div class="columns">
      <${Histogram} title="Latency" values=${known(rows.latency)} />
      <${Histogram} title="First token" values=${known(rows.first_token)} /></div>
    <h2>Cost</h2>${groups.length ? html`<table class="bars"><caption class="unseen">Cost by suite and variant</caption>
      <tbody>${groups.map((group) => html`<tr><th scope="row">${group.suite}${suffix(group.variant)}</th>
        <td><svg width="200" height="12" aria-hidden="true"><rect class="part" width=${200 * (group.cost / dearest)} height="12" rx="2" /></svg></td>
        <td class="figure">$${group.cost.toFixed(4)}</td><td class="figure soft">${rate(group.pass_rate)}</td>
        <td class="figure soft">${count(group.input_tokens)} + ${count(group.output_tokens)} tokens</td></tr>`)}</tbody></table>
      <${Cheapest} groups=${groups} />`
      : html`<${Empty}>No price is known for these models: see <code>prices</code> in the settings.<//>`}
    <h2>Attempts that were tried again</h2>${Object.keys(index.attempts).length
      ? html`<table><tbody>${Object.entries(index.attempts).map(([name, number]) => html`<tr><th scope="row">${name}</th>
        <td class="figure">${count(number)}</td></tr>`)}</tbody></table>` : html`<${Empty}>Every call succeeded at once.<//>`}
    <${OverTime} />
    <h2>Slowest</h2><${Ranked} found=${top(units, (unit) => unit.latency, 50)}
      value=${(unit) => milliseconds(Math.round(unit.latency))} none="Nothing was timed." />`;
}

// When attempts had to be made again, and how many requests might be under way at once.
function OverTime() {
  const [width, height] = [720, 110];
  const reasons = Object.entries(index.attempts_over_time);
  const limits = index.limits;
  if (!facts.seconds || (!reasons.length && limits.length < 2)) return null;
  const bins = reasons.length ? reasons[0][1].map((_, place) => reasons.map(([, counts]) => counts[place])) : [];
  const most = Math.max(1, ...bins.map((counts) => sum(counts)));
  const highest = Math.max(1, ...limits.map(([, limit]) => limit));
  const x = (at) => width * Math.min(1, at / facts.seconds);
  const y = (limit) => height - (height - 8) * (limit / highest);
  const steps = limits.map(([at, limit], place) => (place ? `H${x(at)} V${y(limit)}` : `M${x(at)},${y(limit)}`)).join(" ");
  const told = reasons.map(([name, counts]) => `${count(sum(counts))} ${name}`).join(", ") || "none";
  const limitTold = limits.length ? `from ${limits[0][1]} to ${limits[limits.length - 1][1]}, at most ${highest}` : "";
  return html`<h3>Over the run</h3><svg class="over-time" viewBox="0 0 ${width} ${height + 16}" role="img"
      aria-label=${`Attempts made again: ${told}. Requests at once: ${limitTold || "not known"}.`}>
      ${bins.map((counts, place) => sum(counts) > 0 && html`<rect class="again" x=${place * (width / bins.length) + 1}
        width=${width / bins.length - 2} y=${height - (height - 8) * (sum(counts) / most)} height=${(height - 8) * (sum(counts) / most)}
        rx="1"><title>${reasons.map(([name], which) => `${counts[which]} ${name}`).join(", ")}</title></rect>`)}
      ${limits.length > 0 && html`<path class="limit" d=${`${steps} H${width}`} />`}
      <line class="axis" x1="0" x2=${width} y1=${height} y2=${height} /><text x="0" y=${height + 14}>0 s</text>
      <text x=${width} y=${height + 14} text-anchor="end">${seconds(facts.seconds)}</text></svg>
    <p class="soft"><span class="key again"></span> attempts made again (${told})${limitTold && html` ·
      <span class="key limit"></span> requests that might be under way at once (${limitTold})`}</p>`;
}

// The cheapest variant whose interval of the pass rate reaches that of the best one.
function Cheapest({ groups }) {
  const bySuite = new Map();
  for (const group of groups) bySuite.set(group.suite, [...(bySuite.get(group.suite) || []), group]);
  const found = [...bySuite].filter(([, inside]) => inside.length > 1).map(([suite, inside]) => {
    const best = inside.reduce((one, other) => (other.pass_rate.share > one.pass_rate.share ? other : one));
    const equal = inside.filter((group) => group.pass_rate.interval[1] >= best.pass_rate.interval[0]
      && group.pass_rate.share >= best.pass_rate.interval[0]);
    const each = (group) => group.cost / group.trials;
    const cheapest = equal.reduce((one, other) => (each(other) < each(one) ? other : one));
    return [suite, cheapest, best];
  });
  if (!found.length) return null;
  return html`<h3>Cheapest at equal quality</h3><ul>${found.map(([suite, cheapest, best]) => html`<li>${suite}:
    <strong>${cheapest.variant}</strong> ${rate(cheapest.pass_rate)} for $${(1000 * cheapest.cost / cheapest.trials).toFixed(3)} per 1,000 trials${
      cheapest === best ? ", and the best" : `; the best is ${best.variant}, ${rate(best.pass_rate)} for $${(1000 * best.cost / best.trials).toFixed(3)}`}</li>`)}</ul>`;
}

function Histogram({ title, values }) {
  if (!values.length) return html`<section><h3>${title}</h3><${Empty}>Nothing was timed.<//></section>`;
  const sorted = [...values].sort((one, other) => one - other);
  const [low, high] = [sorted[0], sorted[sorted.length - 1]];
  const width = Math.max(1, (high - low) / BINS);
  const bins = new Array(BINS).fill(0);
  for (const value of sorted) bins[Math.min(BINS - 1, Math.floor((value - low) / width))] += 1;
  const most = Math.max(...bins);
  const told = `${title}: from ${milliseconds(low)} to ${milliseconds(high)}, median ${milliseconds(quantile(sorted, 0.5))}`;
  return html`<section><h3>${title}</h3><svg class="histogram" viewBox="0 0 360 120" role="img" aria-label=${told}>
      ${bins.map((number, place) => html`<rect class="part" x=${place * 12 + 1} width="10" rx="1"
        y=${100 - 96 * (number / most)} height=${96 * (number / most)} />`)}
      <line class="axis" x1="0" x2="360" y1="100" y2="100" /><text x="0" y="116">${milliseconds(low)}</text>
      <text x="360" y="116" text-anchor="end">${milliseconds(high)}</text></svg>
    <p class="soft">p50 ${milliseconds(quantile(sorted, 0.5))} · p95 ${milliseconds(quantile(sorted, 0.95))} · p99 ${milliseconds(quantile(sorted, 0.99))} · ${plural(values.length, "call")}</p></section>`;
}
