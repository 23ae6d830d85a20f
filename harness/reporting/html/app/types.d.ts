// The shape of the page's data, and what the scripts make of it.
// Python writes it: index.py (columns, cases, facts), page.py (all else of the index), details.py (trials).

/** What became of a trial: passed, failed, errored, skipped, unjudged, xfailed. */
export type Outcome = "p" | "f" | "e" | "s" | "u" | "x";
/** What became of all repeats of a case: an outcome, or flaky. */
export type Label = Outcome | "y";
export type Flip = "broken" | "fixed" | "newly_flaky" | "still_failing" | "changed";

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
  tokens_in: number[];
  tokens_out: number[];
  attempts: number[];
  /** Equal numbers are equal replies; -1 without a reply. */
  reply: number[];
  /** Position in `Index.signatures`; -1 if nothing went wrong. */
  signature: number[];
}

export interface Rate {
  /** 0 to 1; null if nothing was judged. */
  share: number | null;
  interval: [low: number, high: number];
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
}

export interface Metric {
  name: string;
  suite: string;
  variant: string;
  mean: number;
  interval: [low: number, high: number] | null;
  cases: number;
}

export interface ComputedMetric {
  name: string;
  suite: string;
  variant: string;
  value: number | null;
  problem: string | null;
  min: number | null;
  max: number | null;
  passed: boolean;
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

export interface Difference {
  difference: number;
  p: number;
  interval: { low: number; high: number } | null;
}

export interface Comparison {
  verdict: string | null;
  variant: string;
  refusals: string[];
  factors: string[];
  p: number;
  family: number;
  power: string;
  pass_rate: Difference;
  by_repeats: Difference | null;
  /** Names of case results. */
  broken: string[];
  fixed: string[];
  newly_flaky: string[];
  still_failing: string[];
  changed_cases?: string[];
}

export interface BaselineComparison {
  name: string;
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
  before: string[];
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
  passed: number;
  judged: number;
  /** `passed / judged`, 0 to 1; null if nothing was judged. */
  passShare: number | null;
  label: Label;
  /** Whether somebody should look: it errored, or passed less often than its `pass_rate` asks. */
  isWrong: boolean;
  distinctReplies: number;
  /** The mean in milliseconds. */
  latency: number | null;
  /** The sum in millionths of a USD. */
  cost: number | null;
  /** The mean in thousandths. */
  score: number | null;
  /** Of the first trial that went wrong; -1 if none did. */
  signature: number;
  flip: Flip | null;
}

export interface FlipCounts {
  broken: number;
  fixed: number;
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
  flipCounts: Map<string, FlipCounts>;
}

/** What the overview says in large letters. */
export interface OverviewFigures {
  judgedCases: number;
  /** The mean over cases, 0 to 1; null if nothing was judged. */
  passRate: number | null;
  /** 0 to 1; null if repeats disagree, as the interval counts cases that pass or fail whole. */
  interval: [low: number, high: number] | null;
  wrong: number;
  flaky: number;
  /** Milliseconds. */
  latencyP50: number | null;
  latencyP95: number | null;
  /** Millionths of a USD. */
  cost: number | null;
  tokensIn: number;
  tokensOut: number;
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
  input_tokens: number;
  output_tokens: number;
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

/** Everything there is to know of a trial; what says nothing is left out. */
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
  input_tokens: number;
  output_tokens: number;
  attempts: number;
  reason: string;
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
export type Ask = {
  (task: DiffTask): Promise<TextChange[] | null>;
  (task: ScanTask): Promise<number[]>;
};

/** Returns a block as it is packed. */
export type PackedBlock = (id: string) => Promise<string>;
