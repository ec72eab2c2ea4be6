/** What is declared of a preprocessing step, from which types, checks, JSON schema, hover and documentation follow. */
import type { Conflict, Given } from './step-conflicts';
import type { Parameters } from './step-parameters';
import type { Reach } from './step-reach';

export interface StepDeclaration {
  readonly title: string;
  readonly description: string;
  readonly parameters: Parameters;
  /**
   * `float32`: the step needs float32 planes, so a `rescale` or `normalize` has to come before it. `uint8`:
   * it needs 8-bit pixels, so none may.
   */
  readonly takes: 'any' | 'float32' | 'uint8';
  /** `float32`: the output is float32 planes, whatever the input was. */
  readonly gives: 'same' | 'float32';
  /** What a JSON schema cannot say: why these parameters do not go together, and which of them is to blame. Null where they do. */
  readonly conflict?: (config: Given) => Conflict | null;
  /** Range of the output for a range of the input; left out where the two are the same. */
  readonly reach?: (from: Reach, config: Given) => Reach;
}

export const declare = <const D extends StepDeclaration>(declaration: D): D => declaration;
