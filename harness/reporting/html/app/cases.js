// All cases: search, sort, group, a list that is as long as it must be and shows what fits.

const ROW_HEIGHT = 36;
const SPARE = 6;
const SORTS = {
  order: ["suite order", null],
  worst: ["worst first", (unit) => (unit.isWrong ? -1e9 : 0) + (unit.judged ? unit.passed / unit.judged : 2)],
  slow: ["slowest first", (unit) => -(unit.latency ?? -1)],
  cost: ["dearest first", (unit) => -(unit.cost ?? -1)],
  score: ["lowest score", (unit) => unit.score ?? 1e9],
};
const GROUPS = {
  none: ["no groups", null],
  suite: ["suite", (unit) => unit.suite],
  variant: ["variant", (unit) => unit.variant],
  tag: ["tag", (unit) => unit.tags.join(", ") || "no tag"],
  assertion: ["assertion", (unit) => (unit.signature < 0 ? "nothing wrong" : index.signatures[unit.signature][0])],
  failure: ["failure", (unit) => (unit.signature < 0 ? "nothing wrong" : index.signatures[unit.signature].join(": "))],
};

function arranged(found, sort, group) {
  const by = (SORTS[sort] || SORTS.order)[1];
  const sorted = by ? [...found].sort((one, other) => by(one) - by(other) || one.number - other.number) : found;
  const label = (GROUPS[group] || GROUPS.none)[1];
  if (!label) return sorted;
  const groups = new Map();
  for (const unit of sorted) {
    const name = label(unit);
    if (!groups.has(name)) groups.set(name, []);
    groups.get(name).push(unit);
  }
  return [...groups].flatMap(([name, inside]) => [{ head: name, inside: inside.length }, ...inside]);
}

function safely(query, before) {
  try {
    return { found: matchingUnits(query), problem: "" };
  } catch (error) {
    if (!(error instanceof SearchError)) throw error;
    return { found: before, problem: error.message };
  }
}

function Cases({ route }) {
  const { q = "", sort = "order", group = "none", name = "" } = route;
  const last = useRef(units);
  const [inTexts, setInTexts] = useState(null);
  const { found: bySearch, problem } = useMemo(() => safely(q, last.current), [q]);
  last.current = bySearch;
  const found = useMemo(() => {
    const hits = inTexts && new Set(inTexts.rows.map((row) => unitOfRow[row]));
    return hits ? bySearch.filter((unit) => hits.has(unit.number)) : bySearch;
  }, [bySearch, inTexts]);
  const list = useMemo(() => arranged(found, sort, group), [found, sort, group]);
  const selected = unitByName.get(name);
  shownList = list.filter((each) => !each.head);
  const change = (more) => adjust({ ...route, ...more });
  return html`<div class="cases ${selected ? "has-detail" : ""}">
    <div class="list">
      <${SearchBox} q=${q} problem=${problem} change=${change} />
      <div class="tools">
        <${Choice} label="Sort" options=${SORTS} value=${sort} choose=${(value) => change({ sort: value })} />
        <${Choice} label="Group" options=${GROUPS} value=${group} choose=${(value) => change({ group: value })} />
        <${TextSearch} found=${inTexts} tell=${setInTexts} />
        <${Export} found=${found} />
        <p class="soft number" role="status">${count(found.length)} of ${plural(units.length, "case")}</p>
      </div>
      <${List} list=${list} selected=${selected} route=${route} />
    </div>
    ${selected && html`<div class="pane"><${CaseView} unit=${selected} route=${route} key=${selected.name} /></div>`}
    ${name && !selected && html`<${NotHere} name=${name} />`}
  </div>`;
}

let shownList = units;

function SearchBox({ q, problem, change }) {
  const [text, setText] = useState(q);
  const timer = useRef(0);
  const sent = useRef(q);  // what comes back from the address must not overwrite newer letters
  useEffect(() => { if (q !== sent.current) { sent.current = q; setText(q); } }, [q]);
  const typed = (event) => {
    const value = event.target.value;
    setText(value);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => { sent.current = value; change({ q: value }); }, 80);
  };
  return html`<div class="search"><label class="unseen" for="search">Search cases</label>
    <input id="search" type="search" value=${text} onInput=${typed} autocomplete="off" spellcheck=${false}
      placeholder="Search: refund  s:failed  m:haiku  @smoke  dur:>5s  !flip:fixed" aria-describedby="search-problem" />
    <p id="search-problem" class="problem" role="alert">${problem}</p></div>`;
}

function Choice({ label, options, value, choose }) {
  return html`<label class="choice"><span class="soft">${label}</span>
    <select value=${value} onChange=${(event) => choose(event.target.value)}>
      ${Object.entries(options).map(([name, [words]]) => html`<option value=${name} selected=${name === value}>${words}</option>`)}
    </select></label>`;
}

// Searching in prompts and replies themselves takes a while, so it is asked for.
function TextSearch({ found, tell }) {
  const [text, setText] = useState("");
  const [far, setFar] = useState(null);
  const current = useRef(0);
  const look = async (event) => {
    event.preventDefault();
    current.current += 1;
    const mine = current.current;
    if (!text.trim()) { tell(null); setFar(null); return; }
    const hits = await searchTexts(text.trim(), (share, partial) => {
      if (mine !== current.current) return false;
      setFar(share);
      tell({ text, rows: [...partial] });
      return true;
    });
    if (hits) { setFar(null); tell({ text, rows: hits }); }
  };
  const clear = () => { current.current += 1; setText(""); setFar(null); tell(null); };
  return html`<form class="in-texts" onSubmit=${look}><label class="unseen" for="in-texts">Search in texts</label>
    <input id="in-texts" value=${text} placeholder="in prompts and replies" onInput=${(event) => setText(event.target.value)} />
    <button>Find</button>${far !== null && html`<progress value=${far} max="1">${percent(far)}</progress>`}
    ${found && html`<button type="button" onClick=${clear}>“${found.text}” ×</button>`}</form>`;
}

function List({ list, selected, route }) {
  const box = useRef(null);
  const [view, setView] = useState({ top: 0, height: 700 });
  useLayoutEffect(() => {
    const update = () => setView({ top: box.current.scrollTop, height: box.current.clientHeight || 700 });
    update();
    window.addEventListener("resize", update);
    return () => window.removeEventListener("resize", update);
  }, []);
  const at = selected ? list.indexOf(selected) : -1;
  useLayoutEffect(() => {
    if (at < 0) return;
    const { scrollTop, clientHeight } = box.current;
    const y = at * ROW_HEIGHT;
    if (y < scrollTop || y + ROW_HEIGHT > scrollTop + clientHeight) {
      box.current.scrollTop = y - clientHeight / 2;
    }
  }, [at]);
  if (!list.length) {
    return html`<div ref=${box} class="rows"><${Empty}>No case fits. ${" "}
      <${Link} to=${casesRoute("")}>Show all<//><//></div>`;
  }
  const first = Math.max(0, Math.floor(view.top / ROW_HEIGHT) - SPARE);
  const last = Math.min(list.length, Math.ceil((view.top + view.height) / ROW_HEIGHT) + SPARE);
  return html`<div ref=${box} class="rows" tabindex="0" role="region" aria-label="Cases"
      onScroll=${(event) => setView({ top: event.currentTarget.scrollTop, height: event.currentTarget.clientHeight })}>
    <div class="all" style=${{ height: `${list.length * ROW_HEIGHT}px` }}>
      ${list.slice(first, last).map((each, place) => html`<div class="row-place"
        style=${{ top: `${(first + place) * ROW_HEIGHT}px` }} key=${each.head ? `group ${each.head}` : each.name}>
        ${each.head ? html`<h3 class="row head">${each.head} <span class="soft">${count(each.inside)}</span></h3>`
          : html`<${Row} unit=${each} route=${route} selected=${each === selected} />`}</div>`)}
    </div></div>`;
}

function Row({ unit, route, selected }) {
  return html`<${Link} to=${{ ...route, name: unit.name }} class="row ${selected ? "is-selected" : ""}"
      aria-current=${selected ? "true" : undefined}>
    <span class="state"><${Share} unit=${unit} /></span>
    <span class="name" dir="auto"><span class="of">${unit.suite}::</span><span class="case">${
      unit.name.slice(unit.suite.length + 2)}</span>${unit.isWrong && unit.signature >= 0 && html` <span class="soft why">${
      index.signatures[unit.signature].join(": ")}</span>`}</span>
    <${Flip} unit=${unit} />
    ${unit.rows.length > 1 && unit.distinct > 0 && html`<span class="soft distinct">${plural(unit.distinct, "reply").replace("replys", "replies")}</span>`}
    <span class="figure">${unit.latency === null ? "" : milliseconds(Math.round(unit.latency))}</span>
    <span class="figure cost">${unit.cost === null ? "" : dollars(unit.cost)}</span><//>`;
}

function NotHere({ name }) {
  return html`<section class="pane"><h2>Not in this run</h2><p>There is no case <code>${name}</code>.</p>
    <p>Close to it:</p><ul>${nearest(name).map((unit) => html`<li><${Link} to=${unitRoute(unit)}>${unit.name}<//></li>`)}</ul></section>`;
}

// The five names that share the most pairs of letters with one that is not there (Dice).
function nearest(name) {
  const pairs = (text) => new Set([...text.toLowerCase()].map((sign, place, all) => sign + (all[place + 1] || "")));
  const wanted = pairs(name);
  const likeness = (unit) => {
    const other = pairs(unit.name);
    const common = [...wanted].filter((each) => other.has(each)).length;
    return (2 * common) / (wanted.size + other.size);
  };
  return units.map((unit) => [likeness(unit), unit]).sort((one, other) => other[0] - one[0] || one[1].number - other[1].number)
    .slice(0, 5).map(([, unit]) => unit);
}
