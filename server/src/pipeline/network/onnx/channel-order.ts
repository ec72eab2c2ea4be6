/** Channels that a graph puts into another order before its network begins: `x[:, ::-1]`, a gather, or slices that are joined again. */
import type { GraphFacts } from '../../../autodiff/rule';
import { attribute } from '../../../onnx/attributes';
import type { GraphIndex } from '../../../onnx/graph-index';
import type { Node } from '../../../onnx/model';

export interface Reordered {
  /** The tensor in its new order. */
  readonly tensor: string;
  readonly operator: string;
  /** For each channel in the new order, its index in the old one. */
  readonly from: readonly number[];
}

/** @param axis of the channels, `count` in number @returns null where the tensor is read otherwise */
export function reorderedChannels(
  tensor: string,
  axis: number,
  count: number,
  index: GraphIndex,
  facts: GraphFacts,
): Reordered | null {
  const readers = index.consumersOf(tensor);
  const [only, ...others] = readers;
  if (only === undefined) return null;
  const whole = others.length === 0 ? picked(only, axis, count, facts) : null;
  if (whole !== null && whole.length === count)
    return isOrder(whole, count)
      ? { tensor: only.outputs[0] ?? '', operator: only.opType, from: whole }
      : null;
  return joined(readers, axis, count, index, facts);
}

/** Parts of one channel each, joined in another order. */
function joined(
  readers: readonly Node[],
  axis: number,
  count: number,
  index: GraphIndex,
  facts: GraphFacts,
): Reordered | null {
  const places = new Map<string, number>();
  for (const node of readers) {
    const of = node.opType === 'Split' ? split(node, axis, count) : picked(node, axis, count, facts);
    if (of?.length !== node.outputs.length) return null;
    node.outputs.forEach((output, i) => places.set(output, of[i] ?? NaN));
  }
  const [join, ...more] = new Set([...places.keys()].flatMap((part) => index.consumersOf(part)));
  if (join?.opType !== 'Concat' || more.length > 0) return null;
  const rank = facts.factsOf(join.outputs[0] ?? '')?.dims.length ?? NaN;
  const from = join.inputs.map((part) => places.get(part) ?? NaN);
  if (inRange(attribute(join, 'axis', 'int') ?? NaN, rank) !== axis || !isOrder(from, count)) return null;
  return { tensor: join.outputs[0] ?? '', operator: join.opType, from };
}

const split = ({ outputs }: Node, axis: number, count: number): readonly number[] | null =>
  outputs.length === count ? outputs.map((_, i) => i) : null;

/** The places that a Gather or Slice along the channels takes. */
function picked(node: Node, axis: number, count: number, facts: GraphFacts): readonly number[] | null {
  const rank = facts.factsOf(node.inputs[0] ?? '')?.dims.length ?? NaN;
  if (node.opType === 'Gather') {
    if (inRange(attribute(node, 'axis', 'int') ?? 0, rank) !== axis) return null;
    return facts.valueOf(node.inputs[1] ?? '')?.map((place) => inRange(place, count)) ?? null;
  }
  if (node.opType !== 'Slice') return null;
  const [starts, ends, axes, steps] = [1, 2, 3, 4].map((i) => facts.valueOf(node.inputs[i] ?? ''));
  const [start, end, step = 1] = [starts?.[0], ends?.[0], steps?.[0]];
  if (start === undefined || end === undefined || starts?.length !== 1 || step === 0) return null;
  if (inRange(axes?.[0] ?? 0, rank) !== axis) return null;
  const places = Array.from({ length: count }, (_, i) => i);
  const first = clamped(start, count, step < 0 ? count - 1 : count);
  const last = end < -count ? -1 : clamped(end, count, count);
  return step === 1
    ? places.slice(first, last)
    : step === -1
      ? places.slice(last + 1, first + 1).reverse()
      : null;
}

const inRange = (place: number, count: number): number => (place < 0 ? place + count : place);

const clamped = (place: number, count: number, most: number): number =>
  Math.max(0, Math.min(inRange(place, count), most));

const isOrder = (from: readonly number[], count: number): boolean =>
  from.length === count && new Set(from).size === count && from.every((place) => place >= 0 && place < count);
