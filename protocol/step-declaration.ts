/** What is declared of a preprocessing step, from which types, checks, JSON schema, hover and documentation follow. */
import type { Conflict, Given } from './step-conflicts';
import type { Parameters } from './step-parameters';
import type { Reach } from './step-reach';

export interface StepDeclaration {
  readonly title: string;
  readonly description: string;
  readonly parameters: Parameters;
  /** `float32`: the step needs real planes, so that a `rescale` or `normalize` has to come before it. `uint8`: none may. */
  readonly takes: 'any' | 'float32' | 'uint8';
  /** `float32`: what comes out are real planes whatever came in. */
  readonly gives: 'same' | 'float32';
  /** What a JSON schema cannot say: why these parameters do not go together, and which of them is to blame. Null where they do. */
  readonly conflict?: (config: Given) => Conflict | null;
  /** Between which values it leaves what came in between two; left out where it keeps them. */
  readonly reach?: (from: Reach, config: Given) => Reach;
}

export const declare = <const D extends StepDeclaration>(declaration: D): D => declaration;
