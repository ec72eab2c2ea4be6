/**
 * What the writers of models leave behind: each file of this folder reads one of them, and says value by
 * value where it is.
 */
import type { LensStep } from '../../../../protocol/lens';
import type { Proved, LensSource } from '../values';

export type Values = LensSource['values'];

/** What a writer may look at. */
export interface Written {
  /** Of the ONNX file itself; empty for checkpoints. */
  readonly metadata: ReadonlyMap<string, string>;
  /** Null before the network is loaded. */
  readonly proved: Proved | null;
}

/** A file beside the model. */
export interface BesideFile {
  /** Absolute path, for people. */
  readonly place: string;
  readonly text: string;
}

/** Files beside the model, by name; null where there is none that may be read. */
export type ReadBeside = (name: string) => Promise<BesideFile | null>;

/** The steps, and that no face stage comes before them. */
export function prepared(
  steps: readonly LensStep[],
  detail: string,
  others: readonly string[] = [],
): Pick<Values, 'preprocess' | 'detector.use'> {
  return {
    preprocess: { value: steps, detail, ...(others.length === 0 ? {} : { others }) },
    'detector.use': { value: 'none', detail: `${detail}, which mentions no face` },
  };
}

/** value / 255, by the float64 nearest to it. */
export const TO_UNIT: LensStep = { step: 'rescale' };

/** One number where all are the same. */
export const perChannel = (values: readonly number[]): number | readonly number[] =>
  values.every((value) => value === values[0]) ? (values[0] ?? 0) : values;
