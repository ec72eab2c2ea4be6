/** What is found of a lens file: everything wrong with it, and what its model is; for Problems, completion and hover. */
import type { LensReport } from './lens';
import type { WarningCode } from './vocabulary';

/** A key, or an index of a list. */
export type LensPath = readonly (string | number)[];

/** A change of the lens that mends a problem. `replace` changes the text at the problem's place itself: a key or a word. */
export type LensRepair = { readonly title: string } & (
  | { readonly do: 'replace'; readonly text: string }
  | { readonly do: 'set' | 'insert'; readonly path: LensPath; readonly value: unknown }
  | { readonly do: 'remove'; readonly path: LensPath }
);

/** What a problem is about: the text, the network, a part of the lens, or a lint. */
export type LensProblemCode =
  | 'syntax'
  | 'schema'
  | 'model'
  | 'labels'
  | 'target'
  | 'layers'
  | 'steps'
  | 'fit'
  | WarningCode;

export interface LensProblem {
  readonly code: LensProblemCode;
  /** A warning may be meant; an error holds for certain. */
  readonly severity: 'error' | 'warning';
  /** A sentence without its place. */
  readonly message: string;
  readonly fix: string | null;
  /** Both from 1; columns count UTF-16 code units. */
  readonly line: number;
  readonly column: number;
  readonly repairs: readonly LensRepair[];
}

export interface LensLayer {
  readonly name: string;
  /** As it comes out: (1, C, H, W), (1, C), or as the model's own axes are. */
  readonly shape: readonly number[];
  readonly operator: string;
  /** Weights and biases below its name; null where the file names none of them by modules. */
  readonly parameters: number | null;
  /** Whether a report shows it unless others are requested. */
  readonly shown: boolean;
  /** `net.py:27`: where the network's source makes it. */
  readonly source?: string;
}

/** The network that a lens is for. */
export interface LensModel {
  readonly name: string;
  /** Absolute path; null of a network that is not a file of the reader's. */
  readonly path: string | null;
  /** (1, C, H, W) of its input. */
  readonly shape: readonly number[];
  readonly classes: number;
  /** Of every class, as a report would name it. */
  readonly labels: readonly string[];
  /** In the order of the forward pass. */
  readonly layers: readonly LensLayer[];
  /** How it would be fed, read and named with this lens, value by value. */
  readonly lens: LensReport;
}

export interface LensCheck {
  /** In the order of the text. */
  readonly problems: readonly LensProblem[];
  /** Null where the lens names none and none lies beside it, or it cannot be read. */
  readonly model: LensModel | null;
}

/** A lens that was written. */
export interface WrittenLens {
  /** Absolute. */
  readonly path: string;
  /** Values that were guessed: which, and why, in clauses. */
  readonly guesses: readonly { readonly key: string; readonly detail: string }[];
}
