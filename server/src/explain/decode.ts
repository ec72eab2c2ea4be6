/** Turns the results of an explain run into one record for each sample and layer, in the order of the reported layers. */
import { LensError } from '../errors';
import type { Tensor } from '../runtime/session';
import type { ExplainOutputs } from './assemble';
import type { BeyondRanges } from '../lowering/quantized/ranges';
import { positionsOf, type LayerForm } from '../layers/form';
import type { LayerOutputs, Stretch } from './layer';
import type { CamMethod } from './methods';

export interface ActivationStatistics {
  readonly mean: number;
  /** Population standard deviation. */
  readonly std: number;
  readonly min: number;
  readonly max: number;
  /** Share of exact zeros, 0..1. */
  readonly zeros: number;
  /** False where the tensor may hold NaN or infinities: count them with `buildForwardGraph`. */
  readonly finite: boolean;
}

export interface LayerResult {
  readonly name: string;
  /** With the batch axis. */
  readonly shape: readonly number[];
  readonly form: LayerForm;
  /** Channel mean of the activation, row-major (H, W); for a vector, its values. */
  readonly mean: Float32Array;
  /** The class activation maps before ReLU and scaling, laid out as `mean`. */
  readonly cam: ReadonlyMap<CamMethod, Float32Array>;
  readonly statistics: ActivationStatistics;
  /** Mean gradient of the target logit per channel; NaN where there is no gradient. */
  readonly weights: Float32Array;
  /** Why there is no gradient, and so no map; null where there is one. */
  readonly unexplained: string | null;
}

export interface SampleResult {
  readonly logits: Float32Array;
  /** Index of the class that was differentiated. */
  readonly target: number;
  /** The model's own probabilities; null where it computes none. */
  readonly probabilities: Float32Array | null;
  readonly layers: readonly LayerResult[];
  /** Of a quantized network without its ranges, what the file would cut off. */
  readonly beyond?: readonly BeyondRange[];
  /** For a file that does not compute in float32: the layers are those of its float equivalent. */
  readonly precision?: PrecisionResult;
}

/** A quantized tensor whose range does not hold all of its values. */
export interface BeyondRange {
  readonly name: string;
  /** Of its elements, 0..1. */
  readonly share: number;
}

export interface PrecisionResult {
  readonly kind: 'float16' | 'quantized';
  /** Of the float equivalent: logits and target above are the file's, where it could be run. */
  readonly equivalent: Float32Array;
  /** Why the file itself could not be run; null where it could. */
  readonly failure: string | null;
}

export type ExplainResults = Readonly<Record<string, Tensor>>;

/** One record for each sample of the batch; the arrays are views of the run's results. */
export function decodeExplain(outputs: ExplainOutputs, results: ExplainResults): readonly SampleResult[] {
  const logits = floatsOf(results, outputs.logits);
  const probabilities = outputs.probabilities === null ? null : floatsOf(results, outputs.probabilities);
  const target = find(results, outputs.target);
  const batch = target.data.length;
  const beyond = outputs.beyond === null ? null : beyondRanges(outputs.beyond, results);
  return Array.from({ length: batch }, (_, sample) => ({
    logits: part(logits, sample, batch),
    target: Number(target.data[sample]),
    probabilities: probabilities === null ? null : part(probabilities, sample, batch),
    layers: outputs.layers.map((layer) => decodeLayer(layer, results, sample)),
    ...(beyond === null ? {} : { beyond }),
  }));
}

/** Each quantized tensor, those of which nothing is cut off among them. */
function beyondRanges({ tensor, counted }: BeyondRanges, results: ExplainResults): readonly BeyondRange[] {
  const shares = floatsOf(results, tensor);
  let at = 0;
  return counted.map(({ name, parts, ends }) => {
    const length = parts * ends;
    const share = sum(shares.subarray(at, at + length)) / parts;
    at += length;
    return { name, share };
  });
}

function decodeLayer(layer: LayerOutputs, results: ExplainResults, sample: number): LayerResult {
  const of = ({ tensor, from, each }: Stretch): Float32Array =>
    floatsOf(results, tensor).subarray(from + sample * each, from + (sample + 1) * each);
  const maps = of(layer.maps);
  const rows = 1 + layer.methods.length;
  const mean = part(maps, 0, rows);
  const stats = of(layer.stats);
  return {
    name: layer.name,
    shape: layer.shape,
    form: layer.form,
    mean,
    cam: new Map(layer.methods.map((method, i) => [method, part(maps, i + 1, rows)])),
    statistics: decodeStatistics(mean, stats, layer),
    weights: layer.weights === null ? new Float32Array(layer.form.channels).fill(NaN) : of(layer.weights),
    unexplained: layer.unexplained,
  };
}

/**
 * The mean of the channel means is the mean of all elements. If it and the squared deviations are finite, so is every element;
 * if not, the elements may still be finite, but too large for their squares.
 */
function decodeStatistics(
  mean: Float32Array,
  stats: Float32Array,
  { form, rowMeans }: LayerOutputs,
): ActivationStatistics {
  const count = form.channels * positionsOf(form);
  const average = sum(mean) / mean.length;
  const columns = rowMeans ? 5 : 4;
  const rowLength = (count * columns) / stats.length;
  const total = { deviation: 0, min: NaN, max: NaN, zeros: 0 };
  for (let row = 0; row < stats.length; row += columns) {
    const [deviation = NaN, min = NaN, max = NaN, zeros = NaN, rowMean = NaN] = stats.subarray(
      row,
      row + columns,
    );
    // Of a row's elements from the layer's mean: those from the row's own, and the row's as often as it has elements.
    const apart = rowMeans ? rowLength * (rowMean - average) ** 2 : 0;
    total.deviation += deviation + apart;
    total.min = row === 0 ? min : Math.min(total.min, min);
    total.max = row === 0 ? max : Math.max(total.max, max);
    total.zeros += zeros;
  }
  return {
    mean: average,
    std: Math.sqrt(total.deviation / count),
    min: total.min,
    max: total.max,
    zeros: total.zeros / count,
    finite: Number.isFinite(average) && Number.isFinite(total.deviation),
  };
}

function sum(values: Float32Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

/** The `index`-th of `parts` equal parts. */
function part(data: Float32Array, index: number, parts: number): Float32Array {
  const size = data.length / parts;
  return data.subarray(index * size, (index + 1) * size);
}

function find(results: ExplainResults, name: string): Tensor {
  const tensor = Object.hasOwn(results, name) ? results[name] : undefined;
  if (tensor !== undefined) return tensor;
  throw new LensError('internal', `The explain run gave no output "${name}".`);
}

function floatsOf(results: ExplainResults, name: string): Float32Array {
  const tensor = find(results, name);
  if (tensor.type === 'float32') return tensor.data;
  throw new LensError('internal', `The explain run's output "${name}" is ${tensor.type}, expected float32.`);
}
