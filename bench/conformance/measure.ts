/** One model of the conformance page, by one exporter: logits against onnxruntime, and the map of every default layer against PyTorch. */
import { LensError } from '../../server/src/errors';
import type { Explain } from './explain-file';
import { explainFile } from './explain-file';
import type { ComparedLayer } from './maps';
import { compareLayer } from './maps';
import type { Export, Reference } from './reference';

export interface Measured {
  readonly opset: number;
  /** Largest difference to onnxruntime's, of the largest logit (at least 1). */
  readonly logits: number;
  readonly target: number;
  readonly layers: readonly ComparedLayer[];
}

export type Outcome =
  | { readonly is: 'measured'; readonly measured: Measured }
  /** The exporter gave no file. */
  | { readonly is: 'not exported'; readonly why: string }
  | { readonly is: 'refused'; readonly why: string };

/** Of the largest logit. */
export const LOGITS_TOLERANCE = 1e-4;

/** @param path of the file that `exported` names */
export async function measure(
  reference: Reference,
  exported: Export,
  path: string,
  explain: Explain = explainFile,
): Promise<Outcome> {
  try {
    const sample = await explain(path, reference.image, reference.shape);
    const largest = Math.max(1, ...exported.logits.map(Math.abs));
    const apart = exported.logits.map((logit, i) => Math.abs(logit - (sample.logits[i] ?? NaN)));
    const logits = Math.max(...apart) / largest;
    const layers = sample.layers.map((layer) => compareLayer(layer, reference));
    return { is: 'measured', measured: { opset: exported.opset, logits, target: sample.target, layers } };
  } catch (thrown) {
    if (!(thrown instanceof LensError)) throw thrown;
    return { is: 'refused', why: thrown.message };
  }
}

/** What is not as it should be, in sentences; empty where everything agrees. */
export function faultsOf(reference: Reference, outcome: Outcome): readonly string[] {
  if (outcome.is === 'not exported') return [];
  if (outcome.is === 'refused') return [`refused: ${outcome.why}`];
  const { logits, target, layers } = outcome.measured;
  return [
    ...(logits <= LOGITS_TOLERANCE ? [] : [`logits are off by ${logits.toPrecision(2)}`]),
    ...(target === reference.target
      ? []
      : [`class ${target} is explained, PyTorch's is ${reference.target}`]),
    ...(layers.length > 0 ? [] : ['no layers']),
    ...layers
      .filter(({ verdict }) => verdict !== 'agrees' && verdict !== 'unstable')
      .map(({ name, verdict, why }) => `${name}: ${verdict}; ${why}`),
  ];
}
