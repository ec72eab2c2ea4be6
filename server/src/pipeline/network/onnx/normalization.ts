/** Finds the normalization that a graph does itself: arithmetic with constants right behind its image input. */
import type { GraphFacts } from '../../../autodiff/rule';
import { attribute } from '../../../onnx/attributes';
import { indexGraph } from '../../../onnx/graph-index';
import type { Graph, Node } from '../../../onnx/model';
import type { Layout, Normalization } from './proved';

interface Affine {
  /** y = scale x + offset, by channel. */
  readonly scale: readonly number[];
  readonly offset: readonly number[];
  /** Of the channels; null where there is none. */
  readonly axis: number | null;
}

/** Nodes in a row that are looked at. */
const LONGEST = 16;

/**
 * Follows the picture from operator to operator as long as each is the only one that reads it and adds or multiplies by a constant.
 * @param input the tensor that holds the picture in the file's own layout
 * @returns null where nothing is done
 */
export function normalizationInside(
  graph: Graph,
  input: string,
  layout: Layout,
  channels: number,
  facts: GraphFacts,
): Normalization | null {
  const index = indexGraph(graph);
  const at = layout.indexOf('C');
  const ones = new Array<number>(channels).fill(1);
  let affine: Affine = { scale: ones, offset: ones.map(() => 0), axis: at < 0 ? null : at };
  const operators: string[] = [];
  let tensor = input;
  for (let step = 0; step < LONGEST; step++) {
    const [node, ...others] = index.consumersOf(tensor);
    if (node === undefined || others.length > 0) break;
    const next = after(node, tensor, affine, facts);
    if (next === null) break;
    if (next.scale !== affine.scale || next.offset !== affine.offset) operators.push(node.opType);
    affine = next;
    tensor = node.outputs[0] ?? '';
  }
  if (operators.length === 0) return null;
  const { scale, offset } = affine;
  if (scale.some((value) => !(Math.abs(value) > 1e-12))) return null;
  return { operators, mean: scale.map((a, c) => -(offset[c] ?? 0) / a), std: scale.map((a) => 1 / a) };
}

function after(node: Node, tensor: string, affine: Affine, facts: GraphFacts): Affine | null {
  const { opType, inputs } = node;
  switch (opType) {
    case 'Cast':
    case 'Identity':
      return /float/.test(facts.factsOf(node.outputs[0] ?? '')?.type ?? '') ? affine : null;
    case 'Transpose': {
      const perm = attribute(node, 'perm', 'ints');
      if (perm === undefined) return null;
      return { ...affine, axis: affine.axis === null ? null : perm.indexOf(affine.axis) };
    }
    case 'Unsqueeze': {
      const axes = attribute(node, 'axes', 'ints') ?? facts.valueOf(inputs[1] ?? '');
      const onlyFirst = axes?.length === 1 && axes[0] === 0;
      return onlyFirst ? { ...affine, axis: affine.axis === null ? null : affine.axis + 1 } : null;
    }
    case 'BatchNormalization':
      return batchNormalized(node, affine, facts);
    case 'Add':
    case 'Sub':
    case 'Mul':
    case 'Div':
      return calculated(node, tensor, affine, facts);
    default:
      return null;
  }
}

function calculated(
  node: Node,
  tensor: string,
  { scale, offset, axis }: Affine,
  facts: GraphFacts,
): Affine | null {
  const [a = '', b = ''] = node.inputs;
  const first = a === tensor;
  const other = first ? b : a;
  if (other === tensor) return null;
  const rank = facts.factsOf(tensor)?.dims.length;
  const constant = rank === undefined ? null : byChannel(other, rank, axis, scale.length, facts);
  if (constant === null) return null;
  const of = (c: number): number => constant[c] ?? 0;
  const map = (values: readonly number[], f: (value: number, by: number) => number): readonly number[] =>
    values.map((value, c) => f(value, of(c)));
  switch (node.opType) {
    case 'Add':
      return { axis, scale, offset: map(offset, (v, k) => v + k) };
    case 'Sub':
      return first
        ? { axis, scale, offset: map(offset, (v, k) => v - k) }
        : { axis, scale: scale.map((v) => -v), offset: map(offset, (v, k) => k - v) };
    case 'Mul':
      return { axis, scale: map(scale, (v, k) => v * k), offset: map(offset, (v, k) => v * k) };
    default:
      if (!first || constant.includes(0)) return null;
      return { axis, scale: map(scale, (v, k) => v / k), offset: map(offset, (v, k) => v / k) };
  }
}

/** A constant's value for each channel; null where it is none, or differs from place to place. */
function byChannel(
  tensor: string,
  rank: number,
  axis: number | null,
  channels: number,
  facts: GraphFacts,
): readonly number[] | null {
  const values = facts.valueOf(tensor);
  if (values === undefined || values.length === 0) return null;
  if (values.length === 1) return new Array<number>(channels).fill(values[0] ?? 0);
  const dims = facts.factsOf(tensor)?.dims;
  if (dims === undefined || axis === null || values.length !== channels) return null;
  const aligned = axis - (rank - dims.length);
  return dims[aligned] === channels ? values : null;
}

/** y = scale (x - mean) / sqrt(variance + epsilon) + B. */
function batchNormalized(node: Node, { scale, offset, axis }: Affine, facts: GraphFacts): Affine | null {
  const [, gamma, beta, mean, variance] = node.inputs.map((name) => facts.valueOf(name));
  const all = [gamma, beta, mean, variance];
  if (axis !== 1 || !all.every((values) => values?.length === scale.length)) return null;
  const epsilon = attribute(node, 'epsilon', 'float') ?? 1e-5;
  const factor = scale.map((_, c) => (gamma?.[c] ?? NaN) / Math.sqrt((variance?.[c] ?? NaN) + epsilon));
  return {
    axis,
    scale: scale.map((v, c) => v * (factor[c] ?? NaN)),
    offset: offset.map((v, c) => (v - (mean?.[c] ?? NaN)) * (factor[c] ?? NaN) + (beta?.[c] ?? NaN)),
  };
}

/**
 * The values that a network with this normalization takes: 0..255 where mean or deviation are of that size, 0..1 where they lie within
 * 0..1. Null where the input is normalized already, such as a batch normalization of what has mean 0 and deviation 1.
 */
export function rangeOf({ mean, std }: Pick<Normalization, 'mean' | 'std'>): 'bytes' | 'unit' | null {
  const deviation = Math.max(...std.map(Math.abs));
  const middle = Math.max(...mean.map(Math.abs));
  if (deviation > LEAST_BYTES || middle > LEAST_BYTES) return 'bytes';
  const within = mean.every((value) => value > -0.05 && value < 1.05);
  return within && deviation < MOST_UNIT ? 'unit' : null;
}

/** Of a mean or deviation on the scale 0..255. */
const LEAST_BYTES = 8;
/** Of a deviation on the scale 0..1, where the largest possible is 1/2. */
const MOST_UNIT = 0.8;
