// The language of the search box: words, "phrases", key:value, numbers with <, > and =, ! to negate.

const OUTCOMES = {
  passed: "p", failed: "f", errored: "e", skipped: "s", unjudged: "u", xfailed: "x",
};
const FLIPS = ["broken", "fixed", "flaky", "failing", "changed", "any"];
const NUMBERS = {
  dur: (unit, row) => (rows.latency[row] === null ? null : rows.latency[row] / 1000),
  cost: (unit, row) => (rows.cost[row] === null ? null : rows.cost[row] / 1e6),
  tok: (unit, row) => rows.tokens_in[row] + rows.tokens_out[row],
  score: (unit, row) => (rows.score[row] === null ? null : rows.score[row] / 1000),
  rep: (unit) => (unit.judged ? unit.passed / unit.judged : null),
  tries: (unit, row) => rows.attempts[row],
};
const TOKEN = /(!?)((?:[a-z]+:)?)(?:"([^"]*)"|\/((?:\\.|[^\\/])*)\/(i?)|(\S+))/gy;

class SearchError extends Error {}

// A query becomes a list of tests of (unit, row); all must hold.
function parseQuery(query) {
  const tests = [];
  TOKEN.lastIndex = 0;
  let text = query.trim();
  while (text) {
    TOKEN.lastIndex = 0;
    const found = TOKEN.exec(text);
    if (!found) throw new SearchError(`“${text}” cannot be read`);
    text = text.slice(TOKEN.lastIndex).trim();
    const [, sign, key, phrase, pattern, flags, word] = found;
    if (phrase === undefined && pattern === undefined && /"/.test(word)) {
      throw new SearchError("a “\"” is missing");
    }
    const test = testOf(key.slice(0, -1), phrase, pattern, flags, word);
    tests.push(sign ? (unit, row) => !test(unit, row) : test);
  }
  return tests;
}

function testOf(key, phrase, pattern, flags, word) {
  const value = (phrase ?? word ?? "").toLowerCase();
  if (pattern !== undefined) {
    if (key !== "re" && key !== "") throw new SearchError(`“${key}:” takes no pattern`);
    if (key === "") return words(`/${pattern}/${flags}`.toLowerCase());
    try {
      const expression = new RegExp(pattern, flags);
      return (unit, row) => expression.test(unit.name) || expression.test(messageOf(row));
    } catch (error) {
      throw new SearchError(`the pattern cannot be read: ${error.message}`);
    }
  }
  if (key === "" && phrase === undefined && value.startsWith("@") && value.length > 1) {
    return (unit) => unit.tags.some((tag) => tag.toLowerCase() === value.slice(1));
  }
  if (key === "" && phrase === undefined && /^[a-z]+:$/.test(value)) {
    throw new SearchError(`“${value}” needs a value`);
  }
  if (key === "") return words(value);
  if (!value) throw new SearchError(`“${key}:” needs a value`);
  if (key in NUMBERS) return numeric(key, value);
  return named(key, value);
}

const loweredNames = units.map((unit) => unit.name.toLowerCase());
const loweredMessages = index.signatures.map((signature) => signature.join(": ").toLowerCase());

function words(value) {
  return (unit, row) => {
    if (loweredNames[unit.number].includes(value)) return true;
    const signature = rows.signature[row];
    return signature >= 0 && loweredMessages[signature].includes(value);
  };
}

function messageOf(row) {
  const signature = rows.signature[row];
  return signature < 0 ? "" : index.signatures[signature].join(": ");
}

function numeric(key, value) {
  const found = /^(<=|>=|<|>|=)?(-?\d+(?:\.\d+)?)(ms|s)?$/.exec(value);
  if (!found || (found[3] && key !== "dur")) {
    throw new SearchError(`“${key}:${value}” cannot be read; write ${key}:>1`);
  }
  const [, sign = "=", digits, unitOfTime] = found;
  const limit = Number(digits) / (unitOfTime === "ms" ? 1000 : 1);
  const compare = {
    "<": (one) => one < limit, ">": (one) => one > limit, "=": (one) => one === limit,
    "<=": (one) => one <= limit, ">=": (one) => one >= limit,
  }[sign];
  return (unit, row) => {
    const one = NUMBERS[key](unit, row);
    return one !== null && compare(one);
  };
}

function named(key, value) {
  if (key === "s") {
    if (value === "flaky") return (unit) => unit.label === "y";
    if (value === "wrong") return (unit) => unit.isWrong;
    if (!(value in OUTCOMES)) {
      throw new SearchError(`no outcome “${value}”: ${[...Object.keys(OUTCOMES), "flaky"].join(", ")}`);
    }
    return (unit, row) => rows.outcome[row] === OUTCOMES[value];
  }
  if (key === "flip") {
    if (!FLIPS.includes(value)) throw new SearchError(`no change “${value}”: ${FLIPS.join(", ")}`);
    const wanted = { flaky: "newly_flaky", failing: "still_failing" }[value] || value;
    return (unit) => (wanted === "any" ? unit.flip !== null : unit.flip === wanted);
  }
  const texts = {
    m: (unit) => modelOf(unit), v: (unit) => unit.variant, suite: (unit) => unit.suite,
    case: (unit) => unit.case,
    a: (unit, row) => (rows.signature[row] < 0 ? "" : index.signatures[rows.signature[row]][0]),
  };
  if (!(key in texts)) {
    const all = [...Object.keys(texts), "s", "flip", "re", ...Object.keys(NUMBERS)];
    throw new SearchError(`no key “${key}:”: ${all.join(", ")}`);
  }
  return (unit, row) => texts[key](unit, row).toLowerCase().includes(value);
}

const factsOfGroup = new Map(
  index.facts.map(([suite, variant, found]) => [`${suite} ${variant}`, found]),
);

function factsOf(unit) {
  const row = unit.rows[0];
  return factsOfGroup.get(`${index.cases[rows.case[row]][0]} ${rows.variant[row]}`) || {};
}

function modelOf(unit) {
  return String(factsOf(unit).model ?? "");
}

// The trials that a query leaves, as numbers in suite order.
function matchingRows(query) {
  const tests = parseQuery(query);
  const found = [];
  for (let row = 0; row < total; row += 1) {
    const unit = units[unitOfRow[row]];
    if (tests.every((test) => test(unit, row))) found.push(row);
  }
  return found;
}

// The units of which a trial is left.
function matchingUnits(query) {
  if (!query.trim()) return units;
  const tests = parseQuery(query);
  return units.filter((unit) => unit.rows.some((row) => tests.every((test) => test(unit, row))));
}
