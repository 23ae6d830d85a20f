// @ts-check
// All cases: search, sort, group; the chosen case stands beside the list.

/** @import { CaseResult, Route } from "./types.js" */
/** @typedef {{ text: string, trials: number[] }} TextMatches */

import { GROUPINGS, SORTS, arranged, isHeading } from "./arrange.js";
import { CaseView, NotInRun } from "./case.js";
import { CaseList } from "./case_list.js";
import { download } from "./download.js";
import { count, percent, plural } from "./format.js";
import { adjust } from "./navigation.js";
import { usePage } from "./page.js";
import { html, useEffect, useMemo, useRef, useState } from "./preact.js";
import { SearchError } from "./search.js";
import { TABLE_FORMATS, tablePieces } from "./tables.js";
import { searchTexts } from "./text_search.js";

const DEBOUNCE_MILLISECONDS = 80;

/** @param {{ route: Route }} props */
export function Cases({ route }) {
  const { q = "", sort = "order", group = "none", name = "" } = route;
  const page = usePage();
  const [inTexts, setInTexts] = useState(/** @type {TextMatches | null} */ (null));
  const { results: byQuery, problem } = useQuery(q);
  const results = useMemo(() => {
    const matches = inTexts && new Set(inTexts.trials.map((trial) => page.resultOfTrial[trial]));
    return matches ? byQuery.filter((result) => matches.has(result)) : byQuery;
  }, [byQuery, inTexts]);
  const list = useMemo(() => arranged(page.index, results, sort, group), [results, sort, group]);
  page.shown.results = /** @type {CaseResult[]} */ (list.filter((item) => !isHeading(item)));
  const selected = page.resultByName.get(name);
  /** @param {Partial<Route>} more */
  const change = (more) => adjust({ ...route, ...more });
  return html`<div class="cases ${selected ? "has-detail" : ""}">
    <div class="list">
      <${SearchBox} q=${q} problem=${problem} search=${(/** @type {string} */ text) => change({ q: text })} />
      <div class="tools">
        <${Select} label="Sort" options=${SORTS} value=${sort} choose=${(/** @type {string} */ value) => change({ sort: value })} />
        <${Select} label="Group" options=${GROUPINGS} value=${group} choose=${(/** @type {string} */ value) => change({ group: value })} />
        <${TextSearch} matches=${inTexts} setMatches=${setInTexts} />
        <${Export} results=${results} />
        <p class="soft number" role="status">${count(results.length)} of ${plural(page.results.length, "case")}</p>
      </div>
      <${CaseList} list=${list} selected=${selected} route=${route} />
    </div>
    ${selected && html`<div class="pane"><${CaseView} result=${selected} route=${route} key=${selected.name} /></div>`}
    ${name && !selected && html`<${NotInRun} name=${name} />`}
  </div>`;
}

/**
 * The results that match a query; those of the last readable one, if it cannot be read.
 *
 * @param {string} query
 */
function useQuery(query) {
  const { search, results: all } = usePage();
  const readable = useRef(all);
  return useMemo(() => {
    try {
      readable.current = search.results(query);
      return { results: readable.current, problem: "" };
    } catch (error) {
      if (!(error instanceof SearchError)) throw error;
      return { results: readable.current, problem: error.message };
    }
  }, [query]);
}

/** @param {{ q: string, problem: string, search: (text: string) => void }} props */
function SearchBox({ q, problem, search }) {
  const [text, setText] = useState(q);
  const timer = useRef(0);
  const sent = useRef(q);  // what comes back from the address must not overwrite newer letters
  useEffect(() => { if (q !== sent.current) { sent.current = q; setText(q); } }, [q]);
  useEffect(() => () => clearTimeout(timer.current), []);  // whoever has left is not brought back
  /** @param {string} value */
  const send = (value) => { clearTimeout(timer.current); sent.current = value; search(value); };
  /** @param {{ target: HTMLInputElement }} event */
  const type = ({ target: { value } }) => {
    setText(value);
    clearTimeout(timer.current);
    timer.current = window.setTimeout(send, DEBOUNCE_MILLISECONDS, value);
  };
  // what is reached by Tab, as the export, works on what was typed and not on what was there before
  /** @param {{ target: HTMLInputElement }} event */
  const leave = ({ target: { value } }) => { if (value !== sent.current) send(value); };
  return html`<div class="search"><label class="unseen" for="search">Search cases</label>
    <input id="search" type="search" value=${text} onInput=${type} onBlur=${leave} autocomplete="off" spellcheck=${false}
      placeholder="Search: refund  s:failed  m:haiku  @smoke  dur:>5s  !flip:fixed" aria-describedby="search-problem" />
    <p id="search-problem" class="problem" role="alert">${problem}</p></div>`;
}

/** @param {{ label: string, options: Map<string, [words: string, unknown]>, value: string, choose: (name: string) => void }} props */
function Select({ label, options, value, choose }) {
  return html`<label class="choice"><span class="soft">${label}</span>
    <select value=${value} onChange=${(/** @type {{ target: HTMLSelectElement }} */ event) => choose(event.target.value)}>
      ${[...options].map(([name, [words]]) => html`<option value=${name} selected=${name === value}>${words}</option>`)}
    </select></label>`;
}

/**
 * Searching all prompts and replies takes a while, so it starts with a button.
 *
 * @param {{ matches: TextMatches | null, setMatches: (matches: TextMatches | null) => void }} props
 */
function TextSearch({ matches, setMatches }) {
  const { runTask, index, packed } = usePage();
  const [text, setText] = useState("");
  const [progress, setProgress] = useState(/** @type {number | null} */ (null));
  const latest = useRef(0);  // an earlier search ends when a newer one begins
  const start = async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    latest.current += 1;
    const own = latest.current;
    const wanted = text.trim();
    if (!wanted) { setMatches(null); setProgress(null); return; }
    const trials = await searchTexts(index.chunks, packed, runTask, wanted, (share, partial) => {
      if (own !== latest.current) return false;
      setProgress(share);
      setMatches({ text, trials: [...partial] });
      return true;
    });
    if (trials) { setProgress(null); setMatches({ text, trials }); }
  };
  const clear = () => { latest.current += 1; setText(""); setProgress(null); setMatches(null); };
  return html`<form class="in-texts" onSubmit=${start}><label class="unseen" for="in-texts">Search in texts</label>
    <input id="in-texts" value=${text} placeholder="in prompts and replies"
      onInput=${(/** @type {{ target: HTMLInputElement }} */ event) => setText(event.target.value)} />
    <button>Find</button>${progress !== null && html`<progress value=${progress} max="1">${percent(progress)}</progress>`}
    ${matches && html`<button type="button" onClick=${clear}>“${matches.text}” ×</button>`}</form>`;
}

/**
 * Reasons are in the details of trials, which take a while to unpack where many failed.
 *
 * @param {{ results: CaseResult[] }} props
 */
function Export({ results }) {
  const page = usePage();
  const [progress, setProgress] = useState(/** @type {number | null} */ (null));
  const [problem, setProblem] = useState("");
  /** @param {string} name */
  const save = async (name) => {
    setProblem("");
    setProgress(0);
    try {
      const trials = results.flatMap((result) => result.trials).sort((one, other) => one - other);
      const reasonOf = (/** @type {number} */ trial) => page.details.reason(trial);
      download(`${page.facts.id}.${name}`, await tablePieces(page, trials, TABLE_FORMATS[name], reasonOf, setProgress));
    } catch (error) {
      setProblem(/** @type {Error} */ (error).message);
    } finally {
      setProgress(null);
    }
  };
  return html`<details class="menu"><summary>Export</summary><div role="group" aria-label="Export">
    ${Object.keys(TABLE_FORMATS).map((name) => html`<button type="button" disabled=${progress !== null}
      onClick=${() => save(name)}>${name.toUpperCase()}</button>`)}</div></details>
    ${progress !== null && html`<progress value=${progress} max="1" aria-label="Export">${percent(progress)}</progress>`}
    ${problem && html`<p class="problem" role="alert">${problem}</p>`}`;
}
