/** How an error crosses a process boundary. */

/**
 * Failures that a program treats unlike others of their kind: `no-face` can be had by taking the whole image, and a `disk-full`
 * stops every analysis that would write to the same disk.
 */
export type FailureCode = 'no-face' | 'disk-full';

export interface Failure {
  readonly kind: 'usage' | 'image' | 'model' | 'device' | 'output' | 'cancelled' | 'internal';
  /** Names the file, what was expected and what was found. */
  readonly message: string;
  /** What to do about it. */
  readonly fix: string | null;
  readonly code?: FailureCode;
}

/** Every answer is one or the other, so no caller waits for ever. */
export type Outcome<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: Failure };
