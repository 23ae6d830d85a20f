// Differences of texts, worked out beside the page so that it never stands still.

const MOST_WORKERS = 4;
const waiting = new Map();
const workers = [];
let asked = 0;

function madeWorker() {
  const source = JSON.parse(document.getElementById("worker").textContent);
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const made = new Worker(url);
  made.onmessage = ({ data }) => {
    const { done, failed } = waiting.get(data.id);
    waiting.delete(data.id);
    if (data.error) failed(new Error(data.error));
    else done(data.value);
  };
  return made;
}

// Ask one worker after the other, as many as the machine has processors.
function ask(message) {
  asked += 1;
  const id = asked;
  const place = id % Math.min(MOST_WORKERS, navigator.hardwareConcurrency || 1);
  workers[place] = workers[place] || madeWorker();
  return new Promise((done, failed) => {
    waiting.set(id, { done, failed });
    workers[place].postMessage({ ...message, id });
  });
}

async function difference(before, after) {
  const words = before.length + after.length < 200_000;
  return ask({ kind: "diff", before, after, words });
}

function Difference({ before, after, label }) {
  const state = useLater(() => difference(before, after), [before, after]);
  return html`<${Later} state=${state}>${(parts) =>
    parts === null
      ? html`<p class="soft">The texts differ too much to be shown side by side.</p>`
      : html`<pre class="difference" dir="auto" tabindex="0" aria-label=${label}>${parts.map((part) =>
          part.added ? html`<ins>${part.value}</ins>`
            : part.removed ? html`<del>${part.value}</del>` : part.value)}</pre>`}<//>`;
}

const AT_ONCE = 8;

// The trials in whose prompts, replies and verdicts a text stands; tells how far it has come.
async function searchTexts(text, tell) {
  const wanted = { text: text.toLowerCase(), shared: new Set() };
  const found = [];
  const blocks = index.chunks.t.length + index.chunks.d.length;
  let done = 0;
  for (const name of ["t", "d"]) {  // what refers to a text comes after the texts
    const starts = index.chunks[name];
    for (let first = 0; first < starts.length; first += AT_ONCE) {
      const some = starts.slice(first, first + AT_ONCE);
      const hits = await Promise.all(some.map(async (start, place) => {
        const packed = await packedBlock(`${name}${first + place}`);
        return ask({ kind: "scan", start, block: packed, wanted });
      }));
      for (const number of hits.flat()) {
        if (name === "t") wanted.shared.add(number);
        else found.push(number);
      }
      done += some.length;
      if (!tell(done / blocks, found)) return null;
    }
  }
  return found;
}
