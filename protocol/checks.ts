/** The expectations of a test file (`*.check.json`), each with its place, and what became of them. */
import type { LensProblem } from './lens-check';

/** The ending of test files. */
export const CHECK_SUFFIX = '.check.json';

/** Lines and columns count from 1, columns in UTF-16 code units, as in the messages of a lens; the end is exclusive. */
export interface TextPlace {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

export interface ListedExpectation {
  /** Of its file, such as `accuracy` or `attention/0`. */
  readonly id: string;
  /** Such as `accuracy`, or `attention in the border of conv2`. */
  readonly name: string;
  /** Such as `at least 0.9`. */
  readonly expected: string;
  readonly place: TextPlace;
}

export interface ListedCheck {
  /** In the order in which they are judged; none of a text with problems. */
  readonly expectations: readonly ListedExpectation[];
  /** What keeps the text from being a test file. */
  readonly problems: readonly LensProblem[];
}

/** The result of one expectation. */
export interface CheckOutcome {
  /** As in `ListedExpectation`. */
  readonly id: string;
  /** As in `ListedExpectation`, but with the names that the network has for its classes. */
  readonly name: string;
  readonly passed: boolean;
  readonly expected: string;
  readonly found: string;
  /** What was expected and what was found, in a sentence. */
  readonly message: string;
  /** `file:line:column` of the expectation. */
  readonly at: string;
  /** The first few pictures that do not fit, by their paths in the set. */
  readonly pictures: readonly string[];
}

/** Of one file with expectations. */
export interface CheckReport {
  /** Absolute. */
  readonly file: string;
  readonly outcomes: readonly CheckOutcome[];
}

export interface FinishedCheck extends CheckReport {
  /** What the reader should know, in sentences. */
  readonly notes: readonly string[];
}
