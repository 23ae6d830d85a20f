// The shape of the page's data, and what the scripts make of it.
// Python writes it: index.py (columns, cases, facts), page.py (all else of the index), details.py (trials).

/** The outcome of a trial, as it stands in the index: passed, failed, errored, skipped, unjudged, xfailed. */
export type TrialOutcome = "p" | "f" | "e" | "s" | "u" | "x";
/** What the repeats of a case add up to; `CaseLabel` in Python. */
export type Label =
  | "passed" | "failed" | "flaky" | "flaky-allowed" | "errored" | "xfailed" | "xpassed" | "skipped" | "unjudged";

export interface LabelInfo {
  name: Label;
  /** Whether a person has to look: the case failed, or could not be judged. */
  needs_attention: boolean;
  /** Whether some replies passed and others failed. */
  is_flaky: boolean;
}

/** A list of cases that changed since the baseline. */
export interface Flip {
  name: string;
  title: string;
  meaning: string;
}

/** One value for each trial, in suite order. */
export interface Columns {
  /** Positions in `Index.cases` and `Index.variants`. */
  case: number[];
  variant: number[];
  repeat: number[];
  /** One letter for each trial. */
  outcome: string;
  /** Thousandths. */
  score: (number | null)[];
  /** Milliseconds. */
  latency: (number | null)[];
  first_token: (number | null)[];
  /** Millionths of a USD. */
  cost: (number | null)[];
  /** Null where the service did not report it. */
  tokens_in: (number | null)[];
  tokens_out: (number | null)[];
  attempts: number[];
  /** One letter for each trial: the service, a simulator that the settings do not name, given replies, nobody. */
  answered_by: string;
  /** Equal numbers are equal replies; -1 without a reply. */
  reply: number[];
  /** Position in `Index.signatures`; -1 if nothing went wrong. */
  signature: number[];
}

/** One value for each case in a variant, in suite order. */
export interface ResultColumns {
  /** Positions in `Index.cases`, `Index.variants` and `Index.labels`. */
  case: number[];
  variant: number[];
  label: number[];
  /** How many trials were planned. */
  repeats: number[];
  passed: number[];
  judged: number[];
  /** 0 to 1; null if nothing was judged. */
  share: (number | null)[];
  /** Position in `Index.chances`; -1 for fewer than two judged trials. */
  chance: number[];
  distinct_replies: number[];
  /** The mean in thousandths. */
  score: (number | null)[];
  /** The mean in milliseconds. */
  latency: (number | null)[];
  /** The sum in millionths of a USD. */
  cost: (number | null)[];
  /** Position in `Index.signatures`; -1 if nothing went wrong. */
  signature: number[];
  /** Why the case needs attention, in one line. */
  reason: (string | null)[];
  /** Position in `Index.flips`; -1 if the case is in no list of the baseline. */
  flip: number[];
}

export interface Rate {
  /** 0 to 1; null if nothing was judged. */
  share: number | null;
  cases: number;
  /** The share in words, as in a terminal; null if nothing was judged. */
  percent: string | null;
  /** Its 95 % interval in words. */
  range: string;
  /** How many of how many cases passed, in words. */
  split: string;
}

/** The figures of the whole run. Times in seconds, costs in USD. */
export interface OverviewFigures {
  pass_rate: Rate;
  needs_attention: number;
  flaky: number;
  latency_p50: number | null;
  latency_p95: number | null;
  /** Of the replies whose price is known; null if none is. */
  cost: number | null;
  /** Whether the cost of all trials is known. */
  is_cost_whole: boolean;
  input_tokens: number;
  output_tokens: number;
}

/** The cheapest variant of a suite that is as good as the best one, as far as intervals show. */
export interface CheapestVariant {
  suite: string;
  cheapest: string;
  rate: Rate;
  /** USD. */
  cost_per_trial: number;
  best: string;
  best_rate: Rate;
  best_cost_per_trial: number;
}

/** A suite in a variant, as the summary counts it. Times in seconds, costs in USD. */
export interface Group {
  suite: string;
  variant: string;
  trials: number;
  passed: number;
  pass_rate: Rate;
  latency_p50: number | null;
  latency_p95: number | null;
  input_tokens: number;
  output_tokens: number;
  cost: number | null;
  /** How many cases are in each list of the baseline, by its name. */
  flips: Record<string, number>;
}

export interface Metric {
  name: string;
  suite: string;
  variant: string;
  /** The mean and its 95 % interval. */
  words: string;
  cases: number;
}

export interface ComputedMetric {
  name: string;
  suite: string;
  variant: string;
  /** Whether it keeps its limits, as far as they hold for this run. */
  status: "ok" | "missed" | "errored" | "not checked";
  /** The value beside its limits, or beside why these were not checked. */
  words: string;
  ended: number;
}

export interface RunFacts {
  id: string;
  started: string;
  harness: string;
  git: string | null;
  command: string[] | null;
  settings: Record<string, unknown> | null;
  suites: { name: string; path: string; cases: number; variants: string[]; sha256?: string }[] | null;
  options: string[] | null;
  merged: { runs: string[] } | null;
  simulated: boolean;
  kind: string;
  sign: string;
  verdict: string;
  exit_code: number | null;
  stopped: string | null;
  seconds: number;
  totals: string;
}

/** A case on both sides of a comparison: how many of its judged trials passed. */
export interface Move {
  name: string;
  old: [passed: number, judged: number];
  new: [passed: number, judged: number];
}

/** A case in a list of the baseline; one that only replied something else did not move. */
export interface ChangedCase {
  name: string;
  move: Move | null;
}

export interface Comparison {
  verdict: string | null;
  /** The verdict, the change of the pass rate, its interval and p, in one line. */
  headline: string;
  refusals: string[];
  factors: string[];
  /** Like which outcome it is coloured: `passed`, `failed` or `errored`. */
  tone: string;
  /** What else a reader has to know of the verdict. */
  remarks: string[];
  /** Whether it is about a part of the run, whose cases are in the whole one as well. */
  is_part: boolean;
  /** The cases in each list, by the name of the list. */
  moves: Record<string, Move[]>;
  /** Names of the case results with another reply and the same verdict. */
  changed_cases: string[];
}

export interface BaselineComparison {
  name: string;
  /** Why the run fails; empty if it does not. */
  reasons: string[];
  notes: string[];
  comparisons: Comparison[];
}

export interface Facts {
  model?: string;
  temperature?: number;
}

export interface Index {
  suites: [name: string, path: string][];
  variants: string[];
  cases: [suite: number, id: string, line: number, tags: number, passRate: number][];
  labels: LabelInfo[];
  /** The lists of a baseline; the last one is the most important. */
  flips: Flip[];
  results: ResultColumns;
  /** How sure the chances of cases are, in words. */
  chances: string[];
  /** What the name of a case ends with, for each variant. */
  suffixes: string[];
  overview: OverviewFigures;
  cheapest: CheapestVariant[];
  tags: string[][];
  signatures: [assertion: string, message: string][];
  facts: [suite: number, variant: number, facts: Facts][];
  rows: Columns;
  attempts: Record<string, number>;
  attempts_over_time: Record<string, number[]>;
  limits: [second: number, limit: number][];
  facts_of_run: RunFacts;
  groups: Group[];
  metrics: Metric[];
  computed: ComputedMetric[];
  warnings: string[];
  comparison: BaselineComparison | null;
  /** Names of the case results whose baseline keeps replies. */
  baseline_cases: string[];
  /** The number of the first item of each block: shared texts, details of trials, replies of the baseline. */
  chunks: Record<BlockKind, number[]>;
  files: BlockFiles | null;
}

export type BlockKind = "t" | "d" | "b";

/** Where blocks lie beside the page: the file of each block. */
export interface BlockFiles {
  folder: string;
  of: Record<string, string>;
}

/** A case in a variant, with its repeats. */
export interface CaseResult {
  number: number;
  name: string;
  suite: string;
  path: string;
  line: number;
  case: string;
  caseNumber: number;
  variant: string;
  model: string;
  tags: string[];
  /** Its trials, as positions in the columns. */
  trials: number[];
  label: Label;
  needsAttention: boolean;
  isFlaky: boolean;
  /** How many trials were planned. */
  repeats: number;
  passed: number;
  judged: number;
  /** The share of judged trials that passed, 0 to 1; null if nothing was judged. */
  share: number | null;
  /** The interval of the chance to pass, and pass^3, in words; null for fewer than two judged trials. */
  chance: string | null;
  distinctReplies: number;
  /** The mean in milliseconds. */
  latency: number | null;
  /** The sum in millionths of a USD. */
  cost: number | null;
  /** The mean in thousandths. */
  score: number | null;
  /** Of the first trial that went wrong; -1 if none did. */
  signature: number;
  /** Why it needs attention, in one line. */
  reason: string | null;
  flip: Flip | null;
}

export interface Report {
  index: Index;
  facts: RunFacts;
  comparison: BaselineComparison | null;
  trialCount: number;
  results: CaseResult[];
  resultByName: Map<string, CaseResult>;
  /** The case result of each trial. */
  resultOfTrial: CaseResult[];
  /** By suite and variant. */
  groups: Map<string, Group>;
}

export interface Source {
  type: string;
  media_type?: string;
  data?: string | null;
  url?: string;
  left_out?: number;
}

export interface ContentBlock {
  type: string;
  text?: string;
  thinking?: string;
  name?: string;
  source?: Source;
}

export type Content = string | ContentBlock[];

export interface Message {
  role?: string;
  content: Content;
  stop_reason?: string;
}

export interface Request {
  messages: { role: string; content: Content }[];
  system?: Content;
  [setting: string]: unknown;
}

export interface Reply {
  message: Message;
  delivery?: string;
  latency?: number;
  first_token?: number;
  cost?: number;
  origin?: string;
}

export interface JudgeCall {
  model: string;
  system: string;
  messages: { role: string; content: Content }[];
  answer: string;
  latency: number;
  input_tokens: number | null;
  output_tokens: number | null;
  cost?: number | null;
  origin: string;
  attempts?: unknown[];
  error?: string | null;
}

export interface Verdict {
  assertion: string;
  name?: string;
  passed: boolean;
  score: number;
  reason?: string;
  expected?: string;
  actual?: string;
  error?: string;
  left_out?: boolean;
  weight?: number;
  severity?: string;
  turn?: number;
  /** Whether it decided against the trial. */
  is_wrong?: boolean;
  line: number;
  asked?: JudgeCall[];
}

export interface Attempt {
  purpose: string;
  status?: number;
  seconds: number;
  wait?: number;
  reason?: string;
  request_id?: string;
}

/** The details of a trial, without empty and usual values. */
export interface TrialDetail {
  id: string;
  vars?: Record<string, unknown>;
  request?: Request;
  replies?: Reply[];
  error?: { reason: string; message: string };
  attempts?: Attempt[];
  timings?: Record<string, number | null>;
  score?: number;
  threshold?: number;
  skip?: string;
  /** Why the trial failed or errored, in one line. */
  reason?: string;
  verdicts?: Verdict[];
}

/** Where the reader is: a page, the name of a case result on it, and what was chosen there. */
export interface Route {
  page: string;
  name?: string;
  q?: string;
  sort?: string;
  group?: string;
  tab?: string;
  /** The repeat that is shown. */
  r?: string | number;
  /** What replies are compared with. */
  vs?: string;
  diff?: string;
  /** The signature of the failure that is open. */
  at?: string | number;
  [parameter: string]: string | number | undefined;
}

export interface Heading {
  heading: string;
  size: number;
}

/** A row of a table that is exported; times in seconds, costs in USD. */
export interface TableRow {
  id: string;
  suite: string;
  case: string;
  variant: string;
  repeat: number;
  outcome: string;
  score: number | null;
  latency_seconds: number | null;
  cost_usd: number | null;
  input_tokens: number | null;
  output_tokens: number | null;
  attempts: number;
  reason: string;
  /** What all repeats of the case add up to. */
  case_label: string;
  answered_by: string;
}

/** Failures that read alike. */
export interface FailureCluster {
  signature: number;
  assertion: string;
  message: string;
  results: CaseResult[];
}

export interface TextChange {
  value: string;
  added: boolean;
  removed: boolean;
}

/** What a text search looks for: a text in small letters, and the shared texts in which it stands. */
export interface Wanted {
  text: string;
  shared: Set<number>;
}

export interface DiffTask {
  kind: "diff";
  before: string;
  after: string;
  words: boolean;
}

export interface ScanTask {
  kind: "scan";
  /** The number of the block's first item. */
  start: number;
  block: string;
  wanted: Wanted;
}

/** Gives work to something that runs beside the page. */
export type RunTask = {
  (task: DiffTask): Promise<TextChange[] | null>;
  (task: ScanTask): Promise<number[]>;
};

/** Returns a block as it is packed. */
export type PackedBlock = (id: string) => Promise<string>;
