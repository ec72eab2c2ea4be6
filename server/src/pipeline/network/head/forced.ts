/** Range and sum that operators guarantee for a tensor, whatever the image: interval arithmetic from operator to operator. */
import { attribute } from '../../../onnx/attributes';
import type { Graph, Node } from '../../../onnx/model';
import { elementCount } from '../../../onnx/model';
import { sameDims } from '../../../onnx/dims';

export interface Forced {
  readonly low: number;
  readonly high: number;
  /** Every sum along this axis has this value. */
  readonly sum: { readonly axis: number; readonly value: number } | null;
}

export interface ForcedFacts {
  readonly opset: number;
  readonly dimsOf: (tensor: string) => readonly number[] | undefined;
  /** Values of a small constant. */
  readonly valueOf: (tensor: string) => ArrayLike<number | bigint> | undefined;
}

/** Longest chain of operators that is followed back from the output. */
const DEEPEST = 48;

const FREE: Forced = { low: -Infinity, high: Infinity, sum: null };
const between = (low: number, high: number): Forced => ({ low, high, sum: null });

export function forcedOn(tensor: string, graph: Graph, facts: ForcedFacts): Forced {
  const producers = new Map<string, Node>();
  for (const node of graph.nodes) for (const output of node.outputs) producers.set(output, node);
  const known = new Map<string, Forced>();
  const of = (name: string, depth: number): Forced => {
    const seen = known.get(name);
    if (seen !== undefined) return seen;
    const constant = facts.valueOf(name);
    const node = producers.get(name);
    const forced =
      constant !== undefined
        ? ofConstant(constant)
        : node === undefined || depth >= DEEPEST || node.domain !== '' || node.outputs[0] !== name
          ? FREE
          : ofNode(node, { ...facts, producers, of: (input) => of(input, depth + 1) });
    known.set(name, forced);
    return forced;
  };
  return of(tensor, 0);
}

function ofConstant(values: ArrayLike<number | bigint>): Forced {
  const numbers = Array.from(values, Number);
  if (numbers.length === 0 || numbers.some(Number.isNaN)) return FREE;
  return between(
    numbers.reduce((a, b) => Math.min(a, b)),
    numbers.reduce((a, b) => Math.max(a, b)),
  );
}

interface Context extends ForcedFacts {
  readonly producers: ReadonlyMap<string, Node>;
  readonly of: (tensor: string) => Forced;
}

type Rule = (node: Node, inputs: readonly Forced[], context: Context) => Forced;

const rules: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ...named(['Sigmoid', 'HardSigmoid'], () => between(0, 1)),
  ...named(['Tanh', 'Erf', 'Sin', 'Cos', 'Softsign'], () => between(-1, 1)),
  ...named(['Softmax'], softmax),
  ...named(['Exp', 'Softplus', 'ReduceL1', 'ReduceL2', 'ReduceSumSquare'], () => between(0, Infinity)),
  ...named(['Abs'], (_, [x = FREE]) => between(0, Math.max(Math.abs(x.low), Math.abs(x.high)))),
  ...named(['Sqrt'], (_, [x = FREE]) => between(0, Math.sqrt(Math.max(0, x.high)))),
  ...named(['Relu'], (_, [x = FREE]) => between(Math.max(0, x.low), Math.max(0, x.high))),
  ...named(['Clip'], clip),
  ...named(['Neg'], (_, [x = FREE]) => scaled(x, -1)),
  ...named(['Add'], (node, [a = FREE, b = FREE], context) => sum(node, a, b, 1, context)),
  ...named(['Sub'], (node, [a = FREE, b = FREE], context) => sum(node, a, b, -1, context)),
  ...named(['Mul'], (_, [a = FREE, b = FREE]) => product(a, b)),
  ...named(['Div'], quotient),
  ...named(['Min'], (_, all) => between(smallest(all, 'low'), smallest(all, 'high'))),
  ...named(['Max'], (_, all) => between(largest(all, 'low'), largest(all, 'high'))),
  ...named(['Mean'], (node, all, context) => mean(node, all, context)),
  ...named(['ReduceMean', 'ReduceSum', 'ReduceMax', 'ReduceMin'], reduced),
  ...named(['GlobalAveragePool', 'GlobalMaxPool', 'Gather', 'Slice', 'Split'], (_, [x = FREE]) =>
    between(x.low, x.high),
  ),
  ...named(
    ['Identity', 'Dropout', 'Cast', 'Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'Transpose'],
    shaped,
  ),
  ...named(['Concat'], concat),
  ...named(['Where'], (_, [, a = FREE, b = FREE]) => union([a, b])),
]);

function named(operators: readonly string[], rule: Rule): [string, Rule][] {
  return operators.map((operator) => [operator, rule]);
}

function ofNode(node: Node, context: Context): Forced {
  const rule = rules.get(node.opType);
  if (rule === undefined) return FREE;
  const forced = rule(node, node.inputs.map(context.of), context);
  return Number.isNaN(forced.low) || Number.isNaN(forced.high) ? FREE : forced;
}

const smallest = (all: readonly Forced[], end: 'low' | 'high'): number =>
  all.reduce((value, forced) => Math.min(value, forced[end]), Infinity);
const largest = (all: readonly Forced[], end: 'low' | 'high'): number =>
  all.reduce((value, forced) => Math.max(value, forced[end]), -Infinity);
const union = (all: readonly Forced[]): Forced => between(smallest(all, 'low'), largest(all, 'high'));

const isConstant = ({ low, high }: Forced): boolean => low === high;

/** c x for a number c. */
function scaled({ low, high, sum: total }: Forced, factor: number): Forced {
  const [a, b] = [low * factor, high * factor];
  return {
    low: Math.min(a, b),
    high: Math.max(a, b),
    sum: total === null ? null : { axis: total.axis, value: total.value * factor },
  };
}

function product(a: Forced, b: Forced): Forced {
  if (isConstant(b)) return scaled(a, b.low);
  if (isConstant(a)) return scaled(b, a.low);
  const ends = [a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high];
  return between(Math.min(...ends), Math.max(...ends));
}

/** Softmax sums to one along its axis; up to opset 12 over that axis and all after it. */
function softmax(node: Node, _: readonly Forced[], { opset, dimsOf }: Context): Forced {
  const dims = dimsOf(node.inputs[0] ?? '');
  const axis = attribute(node, 'axis', 'int') ?? (opset >= 13 ? -1 : 1);
  if (dims === undefined) return between(0, 1);
  const at = axis < 0 ? axis + dims.length : axis;
  const alone = opset >= 13 || elementCount(dims.slice(at + 1)) === 1;
  return { low: 0, high: 1, sum: alone ? { axis: at, value: 1 } : null };
}

function clip(node: Node, [x = FREE, min, max]: readonly Forced[]): Forced {
  const low = attribute(node, 'min', 'float') ?? (node.inputs[1] ? min?.low : undefined) ?? -Infinity;
  const high = attribute(node, 'max', 'float') ?? (node.inputs[2] ? max?.high : undefined) ?? Infinity;
  const within = (value: number): number => Math.min(high, Math.max(low, value));
  const binds = x.low < low || x.high > high;
  return { low: within(x.low), high: within(x.high), sum: binds ? null : x.sum };
}

/** a + sign b; a fixed sum along an axis is kept where both have one, or where the other is a scalar. */
function sum(node: Node, a: Forced, b: Forced, sign: 1 | -1, { dimsOf }: Context): Forced {
  const signed = scaled(b, sign);
  const range = between(a.low + signed.low, a.high + signed.high);
  const [da, db] = [dimsOf(node.inputs[0] ?? ''), dimsOf(node.inputs[1] ?? '')];
  const same = sameDims(da, db);
  if (same && a.sum !== null && b.sum?.axis === a.sum.axis)
    return { ...range, sum: { axis: a.sum.axis, value: a.sum.value + sign * b.sum.value } };
  const [summed, dims, other] = a.sum !== null ? [a, da, signed] : [signed, db, a];
  const size = summed.sum === null ? undefined : dims?.[summed.sum.axis];
  const keepsShape = sameDims(dimsOf(node.outputs[0] ?? ''), dims);
  if (summed.sum === null || size === undefined || !isConstant(other) || !keepsShape) return range;
  return { ...range, sum: { axis: summed.sum.axis, value: summed.sum.value + size * other.low } };
}

function mean(node: Node, all: readonly Forced[], { dimsOf }: Context): Forced {
  const range = between(
    all.reduce((total, { low }) => total + low / all.length, 0),
    all.reduce((total, { high }) => total + high / all.length, 0),
  );
  const [first] = all;
  const dims = node.inputs.map((input) => dimsOf(input)?.join());
  const axis = first?.sum?.axis;
  const together =
    axis !== undefined && all.every(({ sum: s }) => s?.axis === axis) && new Set(dims).size === 1;
  if (!together || dims[0] === undefined) return range;
  const value = all.reduce((total, { sum: s }) => total + (s?.value ?? NaN) / all.length, 0);
  return { ...range, sum: { axis, value } };
}

/** x / c; and x / sum(x) for x >= 0, which is what normalizing means. */
function quotient(node: Node, [a = FREE, b = FREE]: readonly Forced[], context: Context): Forced {
  if (isConstant(b) && b.low !== 0) return scaled(a, 1 / b.low);
  const [x = '', divisor = ''] = node.inputs;
  const reduction = context.producers.get(divisor);
  const sums = reduction?.opType === 'ReduceSum' || reduction?.opType === 'ReduceL1';
  if (a.low >= 0 && sums && reduction.inputs[0] === x) {
    const axes = axesOf(reduction, context);
    const keeps = (attribute(reduction, 'keepdims', 'int') ?? 1) === 1;
    const [axis] = axes ?? [];
    if (axes?.length === 1 && axis !== undefined && keeps)
      return { low: 0, high: 1, sum: { axis, value: 1 } };
    if (axes !== null && keeps) return between(0, 1);
  }
  if (b.low <= 0) return FREE;
  const ends = [a.low / b.low, a.low / b.high, a.high / b.low, a.high / b.high];
  return between(Math.min(...ends), Math.max(...ends));
}

/** Axes of a reduction, not negative; null where they are not known. */
function axesOf(node: Node, { dimsOf, valueOf }: Context): readonly number[] | null {
  const dims = dimsOf(node.inputs[0] ?? '');
  if (dims === undefined) return null;
  const input = node.inputs[1] ?? '';
  const given = attribute(node, 'axes', 'ints') ?? (input === '' ? [] : valueOf(input));
  if (given === undefined) return null;
  const axes = Array.from(given, Number).map((axis) => (axis < 0 ? axis + dims.length : axis));
  return axes.length === 0 ? dims.map((_, axis) => axis) : axes;
}

function reduced(node: Node, [x = FREE]: readonly Forced[], context: Context): Forced {
  const axes = axesOf(node, context);
  const dims = context.dimsOf(node.inputs[0] ?? '');
  if (axes === null || dims === undefined) return FREE;
  const count = node.opType === 'ReduceSum' ? elementCount(axes.map((axis) => dims[axis] ?? 1)) : 1;
  const linear = node.opType === 'ReduceSum' || node.opType === 'ReduceMean';
  const range = between(x.low * count, x.high * count);
  if (x.sum === null || axes.includes(x.sum.axis) || !linear) return range;
  const keeps = (attribute(node, 'keepdims', 'int') ?? 1) === 1;
  const { axis, value } = x.sum;
  const at = keeps ? axis : axis - axes.filter((other) => other < axis).length;
  return { ...range, sum: { axis: at, value: value * count } };
}

/** The same elements in another shape: a fixed sum is kept where its axis is. */
function shaped(node: Node, [x = FREE]: readonly Forced[], { dimsOf }: Context): Forced {
  const range = between(x.low, x.high);
  const [before, after] = [dimsOf(node.inputs[0] ?? ''), dimsOf(node.outputs[0] ?? '')];
  if (x.sum === null || before === undefined || after === undefined) return range;
  const { axis, value } = x.sum;
  if (node.opType === 'Transpose') {
    const perm = attribute(node, 'perm', 'ints') ?? before.map((_, i) => before.length - 1 - i);
    return { ...range, sum: { axis: perm.indexOf(axis), value } };
  }
  const lead = elementCount(before.slice(0, axis));
  const at = after.findIndex((size, i) => size === before[axis] && elementCount(after.slice(0, i)) === lead);
  return at < 0 ? range : { ...range, sum: { axis: at, value } };
}

/** [1 - p, p] sums to one; other parts keep only their range. */
function concat(node: Node, all: readonly Forced[], { producers, dimsOf, of }: Context): Forced {
  const range = union(all);
  const dims = dimsOf(node.inputs[0] ?? '');
  const given = attribute(node, 'axis', 'int') ?? 0;
  const axis = given < 0 ? given + (dims?.length ?? 0) : given;
  const [a = '', b = '', ...others] = node.inputs;
  const single = others.length === 0 && [a, b].every((part) => dimsOf(part)?.[axis] === 1);
  const complement = (part: string, other: string): number | null => {
    const made = producers.get(part);
    if (made?.opType !== 'Sub' || made.inputs[1] !== other) return null;
    const from = of(made.inputs[0] ?? '');
    return isConstant(from) ? from.low : null;
  };
  const value = single ? (complement(a, b) ?? complement(b, a)) : null;
  return value === null ? range : { ...range, sum: { axis, value } };
}
