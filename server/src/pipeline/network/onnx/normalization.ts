/** Finds the normalization that a graph does itself: arithmetic with constants right after its image input. */
import type { GraphFacts } from '../../../autodiff/rule';
import { attribute } from '../../../onnx/attributes';
import { indexGraph } from '../../../onnx/graph-index';
import type { Graph, Node } from '../../../onnx/model';
import { reorderedChannels } from './channel-order';
import { colorOrder } from './color-order';
import type { Layout, Normalization } from './proved';

interface Affine {
  /** y = scale x + offset, by channel. */
  readonly scale: readonly number[];
  readonly offset: readonly number[];
  /** Of the channels; null where there is none. */
  readonly axis: number | null;
  /** For each channel its place in the input. */
  readonly from: readonly number[];
}

/** Longest chain of nodes that is followed. */
const LONGEST = 16;

/**
 * Follows the picture from operator to operator as long as each is the only one that reads it and adds or multiplies by a constant, or puts
 * its channels into another order.
 * @param input the picture's tensor in the file's own layout
 * @returns null where the graph does none
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
  const zeros = ones.map(() => 0);
  let affine: Affine = { scale: ones, offset: zeros, axis: at < 0 ? null : at, from: zeros.map((_, c) => c) };
  const operators: string[] = [];
  let tensor = input;
  for (let step = 0; step < LONGEST; step++) {
    const { axis } = affine;
    const turned = axis === null ? null : reorderedChannels(tensor, axis, channels, index, facts);
    if (turned !== null) {
      affine = inOrder(affine, turned.from);
      operators.push(turned.operator);
      tensor = turned.tensor;
      continue;
    }
    const [node, ...others] = index.consumersOf(tensor);
    if (node === undefined || others.length > 0) break;
    const next = after(node, tensor, affine, facts);
    if (next === null) break;
    if (next.scale !== affine.scale || next.offset !== affine.offset) operators.push(node.opType);
    affine = next;
    tensor = node.outputs[0] ?? '';
  }
  if (operators.length === 0) return null;
  // Back in the order of the input.
  const { scale, offset } = inOrder(
    affine,
    affine.from.map((_, c) => affine.from.indexOf(c)),
  );
  if (scale.some((value) => !(Math.abs(value) > 1e-12))) return null;
  if (scale.every((value) => value === 1) && offset.every((value) => value === 0)) return null;
  const mean = scale.map((a, c) => -(offset[c] ?? 0) / a);
  return { operators, mean, std: scale.map((a) => 1 / a), order: colorOrder(mean) };
}

const inOrder = ({ axis, ...values }: Affine, places: readonly number[]): Affine => {
  const turned = (each: readonly number[]): readonly number[] => places.map((place) => each[place] ?? NaN);
  return { axis, scale: turned(values.scale), offset: turned(values.offset), from: turned(values.from) };
};

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
    case 'Conv':
      return convolved(node, affine, facts);
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
  { scale, offset, axis, from }: Affine,
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
      return { axis, from, scale, offset: map(offset, (v, k) => v + k) };
    case 'Sub':
      return first
        ? { axis, from, scale, offset: map(offset, (v, k) => v - k) }
        : { axis, from, scale: scale.map((v) => -v), offset: map(offset, (v, k) => k - v) };
    case 'Mul':
      return { axis, from, scale: map(scale, (v, k) => v * k), offset: map(offset, (v, k) => v * k) };
    default:
      if (!first || constant.includes(0)) return null;
      return { axis, from, scale: map(scale, (v, k) => v / k), offset: map(offset, (v, k) => v / k) };
  }
}

/** A constant's value for each channel; null where it is not a constant, or varies within a channel. */
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
function batchNormalized(
  node: Node,
  { scale, offset, axis, from }: Affine,
  facts: GraphFacts,
): Affine | null {
  const [, gamma, beta, mean, variance] = node.inputs.map((name) => facts.valueOf(name));
  const all = [gamma, beta, mean, variance];
  if (axis !== 1 || !all.every((values) => values?.length === scale.length)) return null;
  const epsilon = attribute(node, 'epsilon', 'float') ?? 1e-5;
  const factor = scale.map((_, c) => (gamma?.[c] ?? NaN) / Math.sqrt((variance?.[c] ?? NaN) + epsilon));
  return {
    ...{ axis, from },
    scale: scale.map((v, c) => v * (factor[c] ?? NaN)),
    offset: offset.map((v, c) => (v - (mean?.[c] ?? NaN)) * (factor[c] ?? NaN) + (beta?.[c] ?? NaN)),
  };
}

/** A 1x1 kernel that scales each channel, and perhaps reorders them: no trained kernel looks like that. */
function convolved(node: Node, affine: Affine, facts: GraphFacts): Affine | null {
  const { scale, axis } = affine;
  const count = scale.length;
  const [kernel, bias] = [facts.valueOf(node.inputs[1] ?? ''), facts.valueOf(node.inputs[2] ?? '')];
  const dims = facts.factsOf(node.inputs[1] ?? '')?.dims ?? [];
  const grouped = (attribute(node, 'group', 'int') ?? 1) === count && count > 1;
  const inputs = grouped ? 1 : count;
  const moves = ['pads', 'strides'].some((name) =>
    attribute(node, name, 'ints')?.some((value) => value !== (name === 'pads' ? 0 : 1)),
  );
  if (axis !== 1 || moves || kernel === undefined || dims.join() !== [count, inputs, 1, 1].join())
    return null;
  const rows = scale.map((_, c) => kernel.slice(c * inputs, (c + 1) * inputs));
  const places = rows.map((row, c) => (grouped ? c : row.findIndex((value) => value !== 0)));
  const single = rows.every((row) => row.filter((value) => value !== 0).length === 1);
  // With one channel, any kernel would match.
  if (count === 1 || !single || new Set(places).size !== count) return null;
  const moved = inOrder(affine, places);
  const factor = rows.map((row) => row.find((value) => value !== 0) ?? NaN);
  return {
    ...moved,
    scale: moved.scale.map((v, c) => v * (factor[c] ?? NaN)),
    offset: moved.offset.map((v, c) => v * (factor[c] ?? NaN) + (bias?.[c] ?? 0)),
  };
}

/**
 * The values that a network with this normalization takes: 0..255 where mean or deviation are of that size,
 * 0..1 where they are within
 * 0..1. Null where the input is normalized already, such as a batch normalization of what has mean 0 and deviation 1.
 */
export function rangeOf({ mean, std }: Pick<Normalization, 'mean' | 'std'>): 'bytes' | 'unit' | null {
  const deviation = Math.max(...std.map(Math.abs));
  const middle = Math.max(...mean.map(Math.abs));
  if (deviation > LEAST_BYTES || middle > LEAST_BYTES) return 'bytes';
  const within = mean.every((value) => value > -0.05 && value < 1.05);
  // A mean alone, such as ImageNet's: nobody subtracts that from normalized values.
  const centers = deviation === 1 && mean.every((value) => value > 0.2 && value < 0.8);
  return (within && deviation < MOST_UNIT) || centers ? 'unit' : null;
}

/** Of a mean or deviation on the scale 0..255. */
const LEAST_BYTES = 8;
/** Of a deviation on the scale 0..1, where the largest possible is 1/2. */
const MOST_UNIT = 0.8;
