// What the page knows: the index at once, the details of trials piece by piece.

const index = JSON.parse(document.getElementById("index").textContent);
const rows = index.rows;
const total = rows.case.length;
const facts = index.facts_of_run;

function variantName(number) {
  return index.variants[number];
}

// The units people look at: a case in a variant, with all its repeats.
const units = [];
const unitOfRow = new Int32Array(total);
const unitByName = new Map();

function suffix(variant) {
  return variant === "default" ? "" : `[${variant}]`;
}

(() => {
  const known = new Map();
  for (let row = 0; row < total; row += 1) {
    const key = rows.case[row] * index.variants.length + rows.variant[row];
    let number = known.get(key);
    if (number === undefined) {
      number = units.length;
      known.set(key, number);
      const [suite, id, line, tags, wanted] = index.cases[rows.case[row]];
      const variant = variantName(rows.variant[row]);
      const unit = {
        number, suite: index.suites[suite][0], path: index.suites[suite][1], case: id, line,
        tags: index.tags[tags], wanted, variant, caseNumber: rows.case[row],
        name: `${index.suites[suite][0]}::${id}${suffix(variant)}`,
        rows: [], passed: 0, judged: 0, errored: 0, outcomes: new Set(), flip: null,
      };
      units.push(unit);
      unitByName.set(unit.name, unit);
    }
    const unit = units[number];
    const letter = rows.outcome[row];
    unitOfRow[row] = number;
    unit.rows.push(row);
    unit.outcomes.add(letter);
    unit.passed += letter === "p" ? 1 : 0;
    unit.judged += "pfe".includes(letter) ? 1 : 0;
    unit.errored += letter === "e" ? 1 : 0;
  }
  for (const unit of units) {
    const of = unit.rows;
    unit.label = labelOf(unit);
    unit.isWrong = wrong(unit);
    unit.distinct = new Set(of.map((row) => rows.reply[row]).filter((reply) => reply >= 0)).size;
    unit.latency = mean(of.map((row) => rows.latency[row]));
    unit.cost = sum(of.map((row) => rows.cost[row]));
    unit.tokens = sum(of.map((row) => rows.tokens_in[row] + rows.tokens_out[row]));
    unit.score = mean(of.map((row) => rows.score[row]));
    const worst = of.find((row) => rows.signature[row] >= 0);
    unit.signature = worst === undefined ? -1 : rows.signature[worst];
  }
})();

function labelOf(unit) {
  if (unit.passed > 0 && unit.passed < unit.judged) return "y";
  for (const letter of "efpxus") if (unit.outcomes.has(letter)) return letter;
  return "u";
}

// Whether somebody should look: it errored, or passed less often than its pass_rate asks.
function wrong(unit) {
  if (unit.errored) return true;
  return unit.judged > 0 && unit.passed / unit.judged < unit.wanted - 1e-9;
}

function known(values) {
  return values.filter((value) => value !== null && value !== undefined);
}

function mean(values) {
  const all = known(values);
  return all.length ? all.reduce((one, other) => one + other, 0) / all.length : null;
}

function sum(values) {
  const all = known(values);
  return all.length ? all.reduce((one, other) => one + other, 0) : null;
}

// --- what a baseline says
const comparison = index.comparison;
const LISTS = {
  broken: "Passed in the baseline, and do not any more",
  fixed: "Did not pass in the baseline, and do now",
  newly_flaky: "Agreed in all repeats in the baseline, and do not any more",
  still_failing: "Did not pass in the baseline, and do not now",
};
if (comparison) {
  for (const each of comparison.comparisons) {
    for (const name of ["still_failing", "newly_flaky", "fixed", "broken"]) {
      for (const unit of each[name]) {
        if (unitByName.has(unit)) unitByName.get(unit).flip = name;
      }
    }
    for (const name of each.changed_cases || []) {
      const unit = unitByName.get(name);
      if (unit && !unit.flip) unit.flip = "changed";
    }
  }
}

// --- details, unpacked when they are asked for
const LATEST_KEPT = 8;
const unpacked = new Map();

function blockOf(name, number) {
  const starts = index.chunks[name];
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle] <= number) low = middle;
    else high = middle - 1;
  }
  return low;
}

async function elementOf(id) {
  if (!document.getElementById(id) && document.readyState === "loading") {
    await new Promise((done) => document.addEventListener("DOMContentLoaded", done, { once: true }));
  }
  const element = document.getElementById(id);
  if (!element) throw new Error(`this file ends before its part ${id}: it was not written whole`);
  return element;
}

// A very long run keeps its details in files beside the page, each a script that brings some blocks.
const MOST_FILES = 4;
const files = new Map();
const arriving = new Map();
window.harnessBlocks = (file, blocks) => arriving.get(file)?.(blocks);

function blocksOf(file) {
  let found = files.get(file);
  if (found) files.delete(file);
  else found = loaded(file);
  files.set(file, found);
  if (files.size > MOST_FILES) files.delete(files.keys().next().value);
  return found;
}

function loaded(file) {
  return new Promise((done, failed) => {
    arriving.set(file, done);
    const script = document.createElement("script");
    script.src = `${encodeURIComponent(index.files.folder)}/${file}`;
    script.onload = () => { arriving.delete(file); script.remove(); };
    script.onerror = () => {
      files.delete(file);
      script.remove();
      failed(new Error(`${index.files.folder}/${file} is missing: it belongs beside this page`));
    };
    document.head.append(script);
  });
}

// A block as it is packed.
async function packedBlock(id) {
  if (index.files) return (await blocksOf(index.files.of[id]))[id];
  return (await elementOf(id)).textContent;
}

function block(name, number) {
  const id = `${name}${number}`;
  let found = unpacked.get(id);
  if (found) unpacked.delete(id);
  else found = packedBlock(id).then(inflated).then(JSON.parse);
  unpacked.set(id, found);
  if (unpacked.size > LATEST_KEPT) unpacked.delete(unpacked.keys().next().value);
  return found;
}

async function item(name, number) {
  const at = blockOf(name, number);
  return (await block(name, at))[number - index.chunks[name][at]];
}

async function withTexts(value) {
  if (Array.isArray(value)) return Promise.all(value.map(withTexts));
  if (value && typeof value === "object") {
    const keys = Object.keys(value);
    if (keys.length === 1 && keys[0] === "$text") return item("t", value.$text);
    const entries = await Promise.all(
      keys.map(async (key) => [key, await withTexts(value[key])]),
    );
    return Object.fromEntries(entries);
  }
  return value;
}

async function detail(row) {
  return withTexts(await item("d", row));
}

async function repliesBefore(name) {
  const number = index.before.indexOf(name);
  return number < 0 ? null : item("b", number);
}

// The text of a message as the API has it.
function textOf(message) {
  const content = message ? message.content : "";
  if (typeof content === "string") return content;
  return (content || []).filter((each) => each.type === "text").map((each) => each.text).join("");
}

function lastReply(found) {
  if (!found || found.error || !found.replies) return null;
  return found.replies[found.replies.length - 1];
}

function rerunCommand(unit) {
  const options = (facts.options || []).map(quoted);
  const only = ["--only", quoted(unit.name)];
  return ["harness", "run", quoted(unit.path), ...only, ...options].join(" ");
}
