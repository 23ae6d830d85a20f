// The frame round all pages: header, navigation, keys, theme.

const PAGES = {
  overview: ["Overview", "o"], cases: ["Cases", "c"], failures: ["Failures", "f"],
  diff: ["Changes", "d"], perf: ["Speed and cost", "p"], run: ["Run", "r"],
};
const HELP = [
  ["/", "search"], ["j k", "next, previous case"], ["n p", "next, previous case that is wrong"],
  ["Enter", "open on a page of its own"], ["Esc", "back"], ["1 – 5", "tabs of a case"], ["[ ]", "previous, next variant"],
  ["d", "differences on or off"], ["w", "wrap long lines or not"], ["x", "only what changed"], ["y", "copy the id"],
  ["c", "copy the command to run it again"], ["g then o c f d p r", "pages"], ["?", "this help"],
];
const SEARCHES = [
  '"a phrase"', "re:/pattern/i", "s:failed", "s:flaky", "s:wrong", "m:haiku", "v:variant", "suite:x", "case:x", "@tag",
  "a:contains", "flip:broken", "dur:>5s", "cost:>0.01", "tok:>2000", "score:<0.5", "rep:<1", "tries:>1",
];
const THEMES = ["auto", "light", "dark"];

function App() {
  const route = useRoute();
  const [help, setHelp] = useState(false);
  const main = useRef(null);
  useKeys(route, setHelp);
  useEffect(() => { document.title = `${titleOf(route)} · ${facts.verdict} · harness`; });
  const page = {
    overview: () => html`<${Overview} />`, cases: () => html`<${Cases} route=${route} />`,
    c: () => html`<${CasePage} route=${route} />`, failures: () => html`<${Failures} route=${route} />`,
    diff: () => html`<${Changes} route=${route} />`, perf: () => html`<${Performance} />`, run: () => html`<${RunPage} />`,
  }[route.page];
  return html`<a class="skip" href="#main" onClick=${(event) => { event.preventDefault(); main.current.focus(); }}>Skip to content</a>
    <${Header} route=${route} help=${() => setHelp(true)} />
    <main id="main" ref=${main} tabindex="-1" class="is-${route.page}">${page ? page() : html`<h2>No such page</h2><p><${Link} to=${{ page: "overview" }}>Overview<//></p>`}</main>
    ${help && html`<${Help} close=${() => setHelp(false)} />`}`;
}

function titleOf(route) {
  return route.name || (PAGES[route.page] || ["harness"])[0];
}

function Header({ route, help }) {
  return html`<header class="top">
    <p class="verdict is-${facts.kind}"><span aria-hidden="true">${facts.sign}</span> ${facts.verdict}</p>
    <p class="counts">${facts.totals}</p>
    <p class="soft about"><time dateTime=${facts.started} title=${facts.started}>${moment(facts.started)}</time>
      ${facts.git && html` · <code>${facts.git.slice(0, 10)}</code>`}${comparison && html` · baseline ${comparison.name}`}
      ${facts.simulated && html` · <strong>built-in simulator, no model</strong>`}</p>
    <nav aria-label="Pages">${Object.entries(PAGES).map(([page, [words]]) => html`<${Link} to=${{ page }}
      aria-current=${route.page === page || (route.page === "c" && page === "cases") ? "page" : undefined}>${words}<//>`)}
      <span class="right"><${Theme} /><button type="button" onClick=${help} aria-label="Help">?</button></span></nav>
    ${index.warnings.length > 0 && html`<details class="warnings"><summary>${plural(index.warnings.length, "warning")}</summary>
      <ul>${index.warnings.map((each) => html`<li>${each}</li>`)}</ul></details>`}</header>`;
}

function remembered(name) {
  try { return localStorage.getItem(name); } catch { return null; }
}

function remember(name, value) {
  try { localStorage.setItem(name, value); } catch { /* pages from a file may keep nothing */ }
}

function Theme() {
  const [theme, setTheme] = useState(() => remembered("harness-theme") || "auto");
  useLayoutEffect(() => {
    document.documentElement.dataset.theme = theme;
    remember("harness-theme", theme);
  }, [theme]);
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
  return html`<button type="button" onClick=${() => setTheme(next)} aria-label=${`Theme: ${theme}; change to ${next}`}>${theme}</button>`;
}

function Help({ close }) {
  const box = useRef(null);
  useEffect(() => box.current.showModal(), []);
  return html`<dialog ref=${box} onClose=${close} aria-label="Help"><h2>Keys</h2><dl class="pairs">
    ${HELP.map(([key, what]) => html`<div><dt><kbd>${key}</kbd></dt><dd>${what}</dd></div>`)}</dl>
    <h2>Search</h2><p>Words, and ${SEARCHES.map((each) => html`<code>${each}</code> `)}; <code>!</code> before any of them negates it.</p>
    <form method="dialog"><button>Close</button></form></dialog>`;
}

// --- keys
let afterG = false;

function useKeys(route, setHelp) {
  useEffect(() => {
    const pressed = (event) => {
      const at = event.target;
      const typing = at.matches && at.matches("input, textarea, select");
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (typing) {
        if (event.key === "Escape") at.blur();
        return;
      }
      if (document.querySelector("dialog[open]")) return;
      if (keyed(event.key, route, setHelp, at)) event.preventDefault();
    };
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  }, [route]);
}

function keyed(key, route, setHelp, at) {
  if (afterG) {
    afterG = false;
    const page = Object.keys(PAGES).find((each) => PAGES[each][1] === key);
    if (page) go({ page });
    return Boolean(page);
  }
  const unit = unitByName.get(route.name);
  const isLink = at.matches && at.matches("a, button, summary");
  switch (key) {
    case "g": afterG = true; return true;
    case "?": setHelp(true); return true;
    case "/": return toSearch(route);
    case "j": return step(route, 1, () => true);
    case "k": return step(route, -1, () => true);
    case "n": return step(route, 1, (each) => each.isWrong);
    case "p": return step(route, -1, (each) => each.isWrong);
    case "Enter": if (isLink || !unit || route.page !== "cases") return false; go(unitRoute(unit, { tab: route.tab, r: route.r })); return true;
    case "Escape": if (route.name && route.page === "cases") adjust({ ...route, name: "" }); else history.back(); return true;
    case "x": go(casesRoute(route.q === "flip:any" ? "" : "flip:any")); return true;
    case "w": document.documentElement.classList.toggle("no-wrap"); return true;
    default: return unit ? keyedOnCase(key, route, unit) : false;
  }
}

function keyedOnCase(key, route, unit) {
  if ("12345".includes(key)) adjust({ ...route, tab: TABS[Number(key) - 1] });
  else if (key === "[" || key === "]") {
    const all = siblings(unit);
    const next = all[(all.indexOf(unit) + (key === "]" ? 1 : all.length - 1)) % all.length];
    adjust({ ...route, name: next.name, r: undefined });
  } else if (key === "d") adjust({ ...route, tab: "compare", diff: route.tab === "compare" && route.diff !== "off" ? "off" : undefined });
  else if (key === "y" || key === "c") {
    document.querySelector(`[data-copy="${key === "y" ? "id" : "command"}"]`)?.click();
  } else return false;
  return true;
}

function toSearch(route) {
  if (route.page !== "cases") go({ page: "cases" });
  setTimeout(() => document.getElementById("search")?.focus(), 50);
  return true;
}

function step(route, way, fits) {
  const list = route.page === "cases" ? shownList : units;
  const at = list.findIndex((unit) => unit.name === route.name);
  const from = at < 0 ? (way > 0 ? -1 : list.length) : at;
  for (let place = from + way; place >= 0 && place < list.length; place += way) {
    if (fits(list[place])) {
      const page = route.page === "c" ? "c" : "cases";
      const more = route.page === "cases" || route.page === "c" ? { ...route } : {};
      adjustOrGo({ ...more, page, name: list[place].name, r: undefined }, route);
      return true;
    }
  }
  return true;
}

function adjustOrGo(next, route) {
  if (route.page === next.page && route.name) adjust(next);
  else go(next);
}

// --- on paper: the summary and what did not pass, whatever page is open
const MOST_PRINTED = 200;

function Paper() {
  const found = units.filter((unit) => unit.isWrong);
  const left = found.length - MOST_PRINTED;
  return html`<section class="paper"><h1>${facts.verdict}</h1><p>${facts.totals}</p>
    ${comparison && comparison.comparisons.map((each) => html`<${Change} change=${each} />`)}
    <${Matrices} suites=${[...new Set(index.groups.map((group) => group.suite))]} />
    <h2>Did not pass</h2><ul>${found.slice(0, MOST_PRINTED).map((unit) => html`<li><strong>${unit.name}</strong>
      ${WORDS[unit.label]} ${unit.passed}/${unit.judged}, ${unit.path}:${unit.line}
      ${unit.signature >= 0 && html`: ${index.signatures[unit.signature].join(": ")}`}</li>`)}</ul>
    ${left > 0 && html`<p>${plural(left, "failure")} not printed</p>`}</section>`;
}

const paper = document.createElement("div");
document.body.append(paper);
window.addEventListener("beforeprint", () => render(html`<${Paper} />`, paper));
window.addEventListener("afterprint", () => render(null, paper));

const root = document.getElementById("app");
root.textContent = "";
render(html`<${App} />`, root);
// For tests, and for those who like to look: what a query finds.
window.harnessReport = {
  search: (query) => matchingRows(query).map(rowName), units: units.length, trials: total,
};
