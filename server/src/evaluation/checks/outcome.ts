/** The result of one expectation. */

export interface Outcome {
  /** Of the expectation, such as `accuracy` or `attention in border of conv2`. */
  readonly name: string;
  readonly passed: boolean;
  /** What was expected and what was found. */
  readonly message: string;
  /** `file:line:column` of the expectation. */
  readonly at: string;
  /** The first few pictures that do not fit. */
  readonly pictures: readonly string[];
}

/** Of one file with expectations. */
export interface CheckReport {
  /** Absolute. */
  readonly file: string;
  readonly outcomes: readonly Outcome[];
}
