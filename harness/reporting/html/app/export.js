// What is filtered, as files. The command line writes the same rows.

const COLUMNS = [
  "id", "suite", "case", "variant", "repeat", "outcome", "score", "latency_seconds", "cost_usd",
  "input_tokens", "output_tokens", "attempts", "reason",
];
const SPREADSHEET_READS = /^[\s\u3000]*[=+\-@\t\r\n\0\uff1d\uff0b\uff0d\uff20]/;

function plainRow(row) {
  const unit = units[unitOfRow[row]];
  const scaled = (value, factor) => (value === null ? null : value / factor);
  return {
    id: rowName(row), suite: unit.suite, case: unit.case, variant: unit.variant,
    repeat: rows.repeat[row], outcome: WORDS[rows.outcome[row]],
    score: scaled(rows.score[row], 1000), latency_seconds: scaled(rows.latency[row], 1000),
    cost_usd: scaled(rows.cost[row], 1e6), input_tokens: rows.tokens_in[row],
    output_tokens: rows.tokens_out[row], attempts: rows.attempts[row], reason: messageOf(row),
  };
}

function rowName(row) {
  const unit = units[unitOfRow[row]];
  return unit.rows.length > 1 ? `${unit.name}#${rows.repeat[row]}` : unit.name;
}

// RFC 4180; a text that a spreadsheet would read as a formula gets an apostrophe (OWASP).
function csvCell(value) {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  const safe = SPREADSHEET_READS.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

const FORMATS = {
  csv: (found) =>
    [COLUMNS, ...found.map((each) => COLUMNS.map((name) => each[name]))]
      .map((cells) => cells.map(csvCell).join(",")).join("\r\n") + "\r\n",
  json: (found) => `${JSON.stringify(found, null, 2)}\n`,
  jsonl: (found) => found.map((each) => `${JSON.stringify(each)}\n`).join(""),
  md: (found) =>
    ["| id | outcome | reason |", "|---|---|---|",
      ...found.map((each) => `| ${markdown(each.id)} | ${each.outcome} | ${markdown(each.reason)} |`),
    ].join("\n") + "\n",
};

function markdown(text) {
  return text.replace(/\s+/g, " ").replace(/[\\`*_{}[\]|#~<>]/g, (sign) => `\\${sign}`);
}

function download(name, text) {
  const url = URL.createObjectURL(new Blob([text]));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

function Export({ found }) {
  const save = (format) => {
    const wanted = found.flatMap((unit) => unit.rows).sort((one, other) => one - other);
    download(`${facts.id}.${format}`, FORMATS[format](wanted.map(plainRow)));
  };
  return html`<details class="menu"><summary>Export</summary><div role="group" aria-label="Export">
    ${Object.keys(FORMATS).map((format) => html`<button type="button"
      onClick=${() => save(format)}>${format.toUpperCase()}</button>`)}</div></details>`;
}
