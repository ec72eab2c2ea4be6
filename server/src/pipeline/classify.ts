/** Step E: logits to probabilities and a label. */

export interface Classification {
  readonly probabilities: readonly number[];
  readonly predicted: number;
}

/**
 * softmax with the maximum subtracted, in double precision; ties go to the lower index. NaN stays NaN. A single logit is that
 * of a yes-or-no network: its probability is the sigmoid.
 */
export function classify(logits: ArrayLike<number>): Classification {
  const values = Array.from(logits);
  const [only] = values;
  if (values.length === 1 && only !== undefined)
    return { probabilities: [1 / (1 + Math.exp(-only))], predicted: 0 };
  const largest = Math.max(...values);
  const powers = values.map((v) => Math.exp(v - largest));
  const sum = powers.reduce((total, p) => total + p, 0);
  return { probabilities: powers.map((p) => p / sum), predicted: Math.max(values.indexOf(largest), 0) };
}

/** The class name at an index; classes that the pipeline does not name are numbered. */
export const labelAt = (labels: readonly string[], index: number): string =>
  labels[index] ?? `class ${index}`;
