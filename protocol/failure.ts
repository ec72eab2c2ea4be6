/** How an error crosses a process boundary. */

export interface Failure {
  readonly kind: 'usage' | 'image' | 'model' | 'device' | 'output' | 'cancelled' | 'internal';
  /** Names the file, what was expected and what was found. */
  readonly message: string;
  /** What to do about it. */
  readonly fix: string | null;
}

/** Every answer is one or the other, so no caller waits for ever. */
export type Outcome<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: Failure };
