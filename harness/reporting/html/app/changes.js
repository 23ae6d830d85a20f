// The run against its baseline: verdicts first, then what broke and what is fixed.

function Verdicts() {
  return html`<section class="verdicts-of-change"><h2>Against ${comparison.name}</h2>
    ${comparison.comparisons.map((each) => html`<${Change} change=${each} />`)}
    ${comparison.notes.map((note) => html`<p class="soft">${note}</p>`)}
    <p><${Link} to=${{ page: "diff" }}>All changes<//></p></section>`;
}

function Change({ change }) {
  const verdict = change.verdict || "no verdict";
  const kind = { regressed: "failed", improved: "passed", equivalent: "passed" }[verdict] || "errored";
  const points = (share) => `${share >= 0 ? "+" : "−"}${Math.abs(100 * share).toFixed(1)}`;
  const value = change.pass_rate;
  const interval = (change.by_repeats && change.by_repeats.p < value.p ? change.by_repeats : value).interval;
  return html`<div class="change is-${kind}"><p><strong>${verdict}</strong>${change.variant ? ` · ${change.variant}` : ""}:
      pass rate ${points(value.difference)} points${interval ? ` [${points(interval.low)}, ${points(interval.high)}]` : ""},
      p ${change.p < 0.001 ? "< 0.001" : `= ${change.p.toFixed(3)}`}${change.family > 1 ? ` (one of ${change.family}, adjusted)` : ""}</p>
    ${change.refusals.map((why) => html`<p>Not comparable: ${why}</p>`)}
    ${change.factors.map((what) => html`<p class="soft">What differs: ${what}</p>`)}
    ${verdict === "inconclusive" && html`<p class="soft">${change.power}</p>`}
    <p>${Object.keys(LISTS).map((name) => html`<span class="count">${count(change[name].length)} ${flipWords(name)}</span> `)}</p></div>`;
}

function Changes({ route }) {
  if (!comparison) {
    return html`<h2>Changes</h2><${Empty}>This report was made without a baseline.
      <code>harness report ${facts.id} --baseline RUN</code> adds one.<//>`;
  }
  const wanted = route.all ? units : units.filter((unit) => unit.flip);
  const lists = [...Object.keys(LISTS), "changed"];
  return html`<${Verdicts} /><h2>Cases that changed</h2>
    ${!wanted.length && html`<${Empty}>No case changed.<//>`}
    ${lists.map((name) => html`<${ChangeList} name=${name} found=${units.filter((unit) => unit.flip === name)} />`)}`;
}

function ChangeList({ name, found }) {
  const [all, setAll] = useState(false);
  if (!found.length) return null;
  const shown = found.slice(0, all ? 500 : 50);
  return html`<section class="change-list"><h3>${flipWords(name)} <span class="soft">${count(found.length)}</span></h3>
    <p class="soft">${LISTS[name] || "The verdict is the same; the reply is not."}</p>
    <ul>${shown.map((unit) => html`<li><${Share} unit=${unit} />
      <${Link} to=${unitRoute(unit, { tab: "compare", vs: "baseline" })}>${unit.name}<//></li>`)}</ul>
    ${shown.length < found.length && html`<button type="button" onClick=${() => setAll(true)}>show more</button>`}</section>`;
}
