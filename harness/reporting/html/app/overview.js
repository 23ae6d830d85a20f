// The first page: how good is it, what is wrong, where to look.

const groupOf = new Map(index.groups.map((group) => [`${group.suite} ${group.variant}`, group]));

function Overview() {
  const suites = [...new Set(index.groups.map((group) => group.suite))];
  return html`
    <${Figures} />
    ${comparison && html`<${Verdicts} />`}
    <section><h2>Suites and variants</h2><${Matrices} suites=${suites} /></section>
    ${suites.map((suite) => html`<${HeatMap} suite=${suite} />`)}
    ${(index.metrics.length > 0 || index.computed.length > 0) && html`<section><h2>Metrics</h2><${Metrics} /></section>`}
    <div class="columns">
      <section><h2>Most frequent failures</h2><${TopSignatures} /></section>
      <section><h2>Least stable</h2><${Ranked} found=${leastStable()} value=${(unit) =>
        html`<${Share} unit=${unit} />`} none="No case has repeats that disagree." /></section>
      <section><h2>Slowest</h2><${Ranked} found=${top(units, (unit) => unit.latency)}
        value=${(unit) => milliseconds(Math.round(unit.latency))} none="Nothing was timed." /></section>
    </div>`;
}

function Figures() {
  const latencies = known(rows.latency).sort((one, other) => one - other);
  const cost = sum(rows.cost);
  const judged = units.filter((unit) => unit.judged);
  const agree = judged.every((unit) => unit.passed === 0 || unit.passed === unit.judged);
  const passed = judged.reduce((all, unit) => all + unit.passed / unit.judged, 0);
  const value = wilson(Math.round(passed), judged.length);
  const flaky = units.filter((unit) => unit.label === "y").length;
  const found = [
    ["Pass rate", judged.length ? percent(passed / judged.length) : "–",
      agree && judged.length ? `95 %: ${value.interval.map((end) => (100 * end).toFixed(0)).join("–")} %`
        : `of ${plural(judged.length, "case")}`],
    ["Wrong", count(units.filter((unit) => unit.isWrong).length), "cases to look at", "s:wrong"],
    ["Flaky", count(flaky), "repeats disagree", "s:flaky"],
    ["Latency", milliseconds(quantile(latencies, 0.5)), `p95 ${milliseconds(quantile(latencies, 0.95))}`],
    ["Cost", dollars(cost), `${count(sum(rows.tokens_in) || 0)} + ${count(sum(rows.tokens_out) || 0)} tokens`],
    ["Took", seconds(facts.seconds), plural(total, "trial")],
  ];
  return html`<dl class="figures">${found.map(([name, big, small, q]) => html`<div>
    <dt>${name}</dt><dd class="big">${q ? html`<${Link} to=${casesRoute(q)}>${big}<//>` : big}</dd>
    <dd class="soft">${small}</dd></div>`)}</dl>`;
}

// Suites that ran the same variants share a table, so that no table is full of holes.
function bySameVariants(suites) {
  const found = new Map();
  for (const suite of suites) {
    const variants = index.variants.filter((variant) => groupOf.has(`${suite} ${variant}`));
    const key = JSON.stringify(variants);
    if (!found.has(key)) found.set(key, { variants, suites: [] });
    found.get(key).suites.push(suite);
  }
  return [...found.values()];
}

function Matrices({ suites }) {
  return bySameVariants(suites).map((each) => html`<${Matrix} ...${each} />`);
}

function Matrix({ suites, variants }) {
  return html`<div class="scroll" tabindex="0" role="region" aria-label=${`Suites and variants: ${variants.join(", ")}`}>
    <table class="matrix"><thead><tr><th scope="col">suite</th>
      ${variants.map((variant) => html`<th scope="col">${variant}</th>`)}</tr></thead>
    <tbody>${suites.map((suite) => html`<tr><th scope="row">${suite}</th>
      ${variants.map((variant) => html`<${Cell} group=${groupOf.get(`${suite} ${variant}`)} />`)}</tr>`)}
    </tbody></table></div>`;
}

function Cell({ group }) {
  if (!group) return html`<td class="none"><span class="unseen">did not run</span></td>`;
  const share = group.pass_rate.share;
  const level = share === null ? "none" : share === 1 ? "full" : share >= 0.8 ? "most" : share > 0 ? "some" : "no";
  const q = `suite:"${group.suite}" v:"${group.variant}"`;
  const flips = units.filter((unit) => unit.suite === group.suite && unit.variant === group.variant && unit.flip);
  const fixed = flips.filter((unit) => unit.flip === "fixed").length;
  const broken = flips.filter((unit) => unit.flip === "broken").length;
  return html`<td class="cell is-${level}"><${Link} to=${casesRoute(q)}>
    <span class="rate">${rate(group.pass_rate)}</span>
    <span class="soft">${group.passed} of ${count(group.trials)} trials</span>
    ${(fixed > 0 || broken > 0) && html`<span>+${fixed} fixed, −${broken} broken</span>`}
    <span class="soft">${seconds(group.latency_p50)} · p95 ${seconds(group.latency_p95)}${
      group.cost ? ` · $${group.cost.toFixed(4)}` : ""}</span><//></td>`;
}

// Where a suite has several models and several temperatures: one against the other.
function HeatMap({ suite }) {
  const found = index.facts.filter(([number, , each]) =>
    index.suites[number][0] === suite && each.model !== undefined && each.temperature !== undefined);
  const models = [...new Set(found.map(([, , each]) => each.model))];
  const temperatures = [...new Set(found.map(([, , each]) => each.temperature))].sort((a, b) => a - b);
  if (models.length < 2 || temperatures.length < 2) return null;
  const at = (model, temperature) => {
    const hit = found.find(([, , each]) => each.model === model && each.temperature === temperature);
    return hit && groupOf.get(`${suite} ${index.variants[hit[1]]}`);
  };
  return html`<section><h2>${suite}: temperature against model</h2>
    <div class="scroll" tabindex="0" role="region" aria-label="Temperature against model">
    <table class="matrix"><thead><tr><th scope="col">temperature</th>
      ${models.map((model) => html`<th scope="col">${model}</th>`)}</tr></thead>
    <tbody>${temperatures.map((temperature) => html`<tr><th scope="row">${temperature}</th>
      ${models.map((model) => html`<${Cell} group=${at(model, temperature)} />`)}</tr>`)}</tbody></table></div>
  </section>`;
}

// What expectations collected under a name, and what the suite computes from it, with its limits.
function Metrics() {
  const limits = (each) => [each.min === null ? "" : `at least ${each.min}`, each.max === null ? "" : `at most ${each.max}`]
    .filter(Boolean).join(", ");
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Metrics"><table><thead><tr>
      ${["metric", "suite", "variant", "value", "95 %", "limit", "cases"].map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
    <tbody>${index.computed.map((each) => html`<tr><th scope="row">${each.name}</th><td>${each.suite}</td><td>${each.variant}</td>
        <td class="figure">${each.value === null ? html`<span class="soft">${each.problem}</span>` : each.value.toFixed(3)}</td><td></td>
        <td><${Outcome} letter=${each.value === null ? "e" : each.passed ? "p" : "f"} /> <span class="soft">${limits(each)}</span></td><td></td></tr>`)}
      ${index.metrics.map((each) => html`<tr><th scope="row">${each.name}</th><td>${each.suite}</td><td>${each.variant}</td>
        <td class="figure">${each.mean.toFixed(3)}</td>
        <td class="figure soft">${each.interval ? each.interval.map((end) => end.toFixed(3)).join("–") : ""}</td><td></td>
        <td class="figure">${count(each.cases)}</td></tr>`)}</tbody></table></div>`;
}

function top(of, value, most = 10) {
  return of.filter((unit) => value(unit) !== null).sort((one, other) => value(other) - value(one)).slice(0, most);
}

function leastStable() {
  return units.filter((unit) => unit.label === "y")
    .sort((one, other) => Math.abs(one.passed / one.judged - 0.5) - Math.abs(other.passed / other.judged - 0.5))
    .slice(0, 10);
}

function Ranked({ found, value, none }) {
  if (!found.length) return html`<${Empty}>${none}<//>`;
  return html`<ol class="ranked">${found.map((unit) => html`<li>
    <${Link} to=${unitRoute(unit)} class="name">${unit.name}<//><span class="value">${value(unit)}</span></li>`)}</ol>`;
}

function TopSignatures() {
  const found = clusters().slice(0, 10);
  if (!found.length) return html`<${Empty}>Nothing failed.<//>`;
  return html`<ol class="ranked">${found.map((each) => html`<li>
    <${Link} to=${{ page: "failures", at: each.signature }} class="name">
      <strong>${each.assertion}</strong> ${each.message}<//>
    <span class="value">${plural(each.units.length, "case")}</span></li>`)}</ol>`;
}
