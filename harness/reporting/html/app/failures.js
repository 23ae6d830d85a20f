// Failures that have the same cause, as far as their words tell.

let knownClusters = null;

function clusters() {
  if (knownClusters) return knownClusters;
  const found = new Map();
  for (const unit of units) {
    const seen = new Set(unit.rows.map((row) => rows.signature[row]).filter((each) => each >= 0 && unit.isWrong));
    for (const signature of seen) {
      if (!found.has(signature)) found.set(signature, []);
      found.get(signature).push(unit);
    }
  }
  knownClusters = [...found].map(([signature, inside]) => {
    const [assertion, message] = index.signatures[signature];
    return { signature, assertion, message, units: inside };
  }).sort((one, other) => other.units.length - one.units.length || one.signature - other.signature);
  return knownClusters;
}

function Failures({ route }) {
  const found = clusters();
  if (!found.length) return html`<h2>Failures</h2><${Empty}>Nothing failed that counts.<//>`;
  return html`<h2>${plural(found.length, "kind")} of failure</h2>
    ${found.slice(0, 100).map((each) => html`<${Cluster} cluster=${each} isOpen=${String(each.signature) === route.at} />`)}
    ${found.length > 100 && html`<p class="soft">… and ${count(found.length - 100)} more kinds</p>`}`;
}

function Cluster({ cluster, isOpen }) {
  const [all, setAll] = useState(isOpen);
  const shown = cluster.units.slice(0, all ? 200 : 3);
  const suites = [...new Set(cluster.units.map((unit) => unit.suite))];
  const commands = () => suites.map((suite) => {
    const inside = cluster.units.filter((unit) => unit.suite === suite);
    return ["harness", "run", quoted(inside[0].path), ...inside.flatMap((unit) => ["--only", quoted(unit.name)])].join(" ");
  }).join("\n");
  return html`<section class="cluster ${isOpen ? "is-chosen" : ""}"><h3><strong>${cluster.assertion}</strong> <span dir="auto">${cluster.message}</span></h3>
    <p>${plural(cluster.units.length, "case")} in ${suites.join(", ")}
      <${Copy} text=${() => cluster.units.map((unit) => unit.name).join("\n")} label="copy ids" what="ids" />
      <${Copy} text=${commands} label="copy command to run them again" what="commands" /></p>
    <ul>${shown.map((unit) => html`<li><${Link} to=${unitRoute(unit)}>${unit.name}<//> <${Share} unit=${unit} /></li>`)}</ul>
    ${shown.length < cluster.units.length && html`<button type="button" onClick=${() => setAll(true)}>show ${
      count(Math.min(200, cluster.units.length))}</button>`}</section>`;
}
