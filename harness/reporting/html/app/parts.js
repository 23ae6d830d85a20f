// Small pieces that every page is made of.

function Outcome({ letter, word = true }) {
  return html`<span class="outcome is-${WORDS[letter]}">
    <span aria-hidden="true">${SIGNS[letter]}</span>${word ? ` ${WORDS[letter]}` : ""}
    ${word ? "" : html`<span class="unseen">${WORDS[letter]}</span>`}
  </span>`;
}

// How many of how many repeats passed, as a bar and in words.
function Share({ unit }) {
  if (unit.rows.length < 2 || !unit.judged) return html`<${Outcome} letter=${unit.label} />`;
  const share = unit.passed / unit.judged;
  const text = `${unit.passed}/${unit.judged}`;
  return html`<span class="share is-${WORDS[unit.label]}" title=${`${text} passed, ${WORDS[unit.label]}`}>
    <svg width="44" height="8" aria-hidden="true"><rect class="rest" width="44" height="8" rx="2" />
      <rect class="part" width=${44 * share} height="8" rx="2" /></svg>
    <span>${text}</span> <span class="soft">${WORDS[unit.label]}</span></span>`;
}

function Copy({ text, label, what = "copy" }) {
  const [said, setSaid] = useState("");
  async function copy() {
    const value = typeof text === "function" ? await text() : text;
    let done = true;
    try {
      await navigator.clipboard.writeText(value);
    } catch {
      done = copyWithoutPermission(value);
    }
    setSaid(done ? "copied" : "could not copy");
    setTimeout(() => setSaid(""), 1500);
  }
  return html`<button type="button" class="small" onClick=${copy} data-copy=${what}>
    ${said || label}<span class="unseen" role="status">${said}</span></button>`;
}

// Pages opened from a file may not use the clipboard of the browser.
function copyWithoutPermission(value) {
  const field = document.createElement("textarea");
  field.value = value;
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  return done;
}

const FOLDED_FROM = 20_000;

// A text as it came: long ones are folded, its direction is its own.
function Text({ text, marks, label = "text" }) {
  const [open, setOpen] = useState(false);
  const size = text.length;
  const shown = open || size <= FOLDED_FROM ? text : text.slice(0, FOLDED_FROM);
  return html`<div class="text-box">
    <pre dir="auto" tabindex="0" aria-label=${label}>${marks && shown === text ? marks : shown}${
      size ? "" : html`<em class="soft">(empty)</em>`}</pre>
    ${shown.length < size &&
    html`<button type="button" onClick=${() => setOpen(true)}>
      show all (${count(size)} characters)</button>`}
  </div>`;
}

function Json({ value, label }) {
  return html`<${Text} text=${JSON.stringify(value, null, 2)} label=${label} />`;
}

function Empty({ children }) {
  return html`<p class="empty">${children}</p>`;
}

function Link({ to, children, ...rest }) {
  return html`<a href=${hashOf(to)} ...${rest}>${children}</a>`;
}

// Something that has to be waited for: details are unpacked when they are shown.
function useLater(make, depends) {
  const [state, setState] = useState({ depends: null });
  useEffect(() => {
    let stale = false;
    make().then(
      (value) => stale || setState({ depends, value }),
      (error) => stale || setState({ depends, error }),
    );
    return () => { stale = true; };
  }, depends);
  const fits = state.depends && state.depends.every((each, place) => each === depends[place]);
  return fits ? state : {};
}

function Later({ state, children }) {
  if (state.error) return html`<p class="problem" role="alert">${state.error.message}</p>`;
  return state.value === undefined ? html`<p class="soft">Loading …</p>` : children(state.value);
}

function flipWords(flip) {
  return { broken: "broken", fixed: "fixed", newly_flaky: "newly flaky",
    still_failing: "still failing", changed: "says something else" }[flip] || "";
}

function Flip({ unit }) {
  if (!unit.flip) return null;
  return html`<span class="flip is-${unit.flip}">${flipWords(unit.flip)}</span>`;
}
