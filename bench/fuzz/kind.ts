/** What a kind of fuzzing is: how one broken input is made, and how the product is run on it. */
import type { Random } from './random';

/** One broken input, as files. */
export interface Case {
  /** What it was made from; names it in violations. */
  readonly sample: string;
  /** The file or folder to give to the product. */
  readonly path: string;
}

export interface Outcome {
  /** What happened, without what differs from case to case: outcomes are counted by this text. */
  readonly outcome: string;
  /** Whether the product took the input. */
  readonly accepted: boolean;
  /** A defect: a crash, "a bug of ours", a wrong result. What is thrown by `attempt` counts as one too. */
  readonly broken: boolean;
  /** How many layers were drawn, where a report came out. */
  readonly layers?: number;
  /** CPU time in seconds and peak memory above idle in bytes, where the work was done by other processes. */
  readonly elsewhere?: { readonly seconds: number; readonly bytes: number };
}

/** Lives in a worker process, which makes and tries one case after another. */
export interface Fuzzer {
  /** Writes the case into an empty folder. Must be the same for the same `random`. */
  make(random: Random, folder: string): Promise<Case>;
  attempt(input: Case): Promise<Outcome>;
  close?(): Promise<void>;
}

export interface FuzzKind {
  /** `npm run fuzz <name>`. */
  readonly name: string;
  /** One line for the list. */
  readonly about: string;
  /** Cases of a full run; `npm test` runs a twentieth of them. */
  readonly cases: number;
  /** The inputs are good ones: nearly all of them have to be accepted, where others break more than half. */
  readonly whole?: boolean;
  /** Its workers run as a bundle: it starts a thread for each session. */
  readonly bundled?: boolean;
  /**
   * Loads the good inputs and whatever the product loads once: the memory that the process takes after this is what is called
   * idle. Only called in workers, so that it may import the product lazily.
   */
  open(): Promise<Fuzzer>;
}
