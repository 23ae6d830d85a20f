// What the scripts use of the vendored libraries, which are globals of classic scripts.

interface VNode {
  type: unknown;
}

interface PreactContext<T> {
  Provider: unknown;
  readonly value?: T;
}

interface HtmPreact {
  html(strings: TemplateStringsArray, ...values: unknown[]): VNode;
  render(node: VNode | null, parent: Element): void;
  createContext<T>(initial: T): PreactContext<T>;
  useContext<T>(context: PreactContext<T>): T;
  useEffect(effect: () => void | (() => void), inputs?: readonly unknown[]): void;
  useLayoutEffect(effect: () => void | (() => void), inputs?: readonly unknown[]): void;
  useMemo<T>(make: () => T, inputs: readonly unknown[]): T;
  useRef<T>(initial?: T): { current: T };
  useState<T>(initial: T | (() => T)): [T, (value: T | ((previous: T) => T)) => void];
}

interface JsDiff {
  diffLines(before: string, after: string, options: { timeout: number }): JsDiffPart[] | undefined;
  diffWordsWithSpace(before: string, after: string, options: { timeout: number }): JsDiffPart[] | undefined;
}

interface JsDiffPart {
  value: string;
  added?: boolean;
  removed?: boolean;
}

declare var htmPreact: HtmPreact;
declare var Diff: JsDiff;

interface Uint8ArrayConstructor {
  fromBase64?(text: string): Uint8Array<ArrayBuffer>;
}
