/** Operators that broadcast their inputs: arithmetic, comparison, logic, Where and Expand. */
import type { DataType } from '../model';
import { at, broadcast } from './axes';
import type { NodeView, ShapeRule, TensorInfo } from './shape-rule';
import { rulesFor } from './shape-rule';
import { computed, indices, isInteger, isSmall, stridesOf } from './value';

type Combine = (a: number, b: number, type: DataType) => number;

/** Integer division truncates; Mod takes the divisor's sign, unless `fmod` selects C's. */
const arithmetic: Readonly<Record<string, Combine>> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b, type) => (isInteger(type) ? Math.trunc(a / b) : a / b),
  Min: (a, b) => Math.min(a, b),
  Max: (a, b) => Math.max(a, b),
  Sum: (a, b) => a + b,
};

const comparisons: Readonly<Record<string, Combine>> = {
  Equal: (a, b) => Number(a === b),
  Greater: (a, b) => Number(a > b),
  GreaterOrEqual: (a, b) => Number(a >= b),
  Less: (a, b) => Number(a < b),
  LessOrEqual: (a, b) => Number(a <= b),
  And: (a, b) => a & b,
  Or: (a, b) => a | b,
  Xor: (a, b) => a ^ b,
};

/** The elements of `info` read as if it had the shape `dims`. */
function* stretched(info: TensorInfo, dims: readonly number[]): Generator<number> {
  const value = info.value ?? [];
  const strides = stridesOf(info.dims);
  const lead = dims.length - info.dims.length;
  for (const index of indices(dims)) {
    const flat = strides.reduce(
      (sum, stride, axis) => sum + (info.dims[axis] === 1 ? 0 : stride * at(index, axis + lead)),
      0,
    );
    yield at(value, flat);
  }
}

function combined(view: NodeView, type: DataType, combine: Combine | undefined): TensorInfo {
  refuseLegacyBroadcast(view);
  const inputs = view.inputs();
  const dims = broadcast(
    view,
    inputs.map((input) => input.dims),
  );
  const [first, ...others] = inputs;
  if (!first || !combine || !isSmall(dims) || inputs.some((input) => !input.value)) {
    return { type, dims };
  }
  let result: readonly number[] = [...stretched(first, dims)];
  for (const other of others) {
    const right = [...stretched(other, dims)];
    const left = result;
    result = left.map((a, i) => combine(a, at(right, i), first.type));
    // Variadic operators round after each pair, as the runtime does.
    result = computed(type, dims, result).value ?? [];
    if (result.length !== left.length) return { type, dims };
  }
  return computed(type, dims, result);
}

/** Of powers, the runtime and JavaScript round alike only where there is nothing to round: exporters write the root of a count so. */
function whole(info: TensorInfo): TensorInfo {
  const { type, dims, value } = info;
  return value?.every(Number.isSafeInteger) === true ? info : { type, dims };
}

/** Before opset 7 broadcasting was set by attributes and meant something else. */
function refuseLegacyBroadcast(view: NodeView): void {
  if (view.int('broadcast', 0) !== 0)
    view.invalid('broadcasting as defined since opset 7', 'the older attribute "broadcast"');
}

const expand: ShapeRule = {
  opType: 'Expand',
  infer: (view) => {
    const x = view.input(0);
    const dims = broadcast(view, [x.dims, view.integers(1)]);
    return [computed(x.type, dims, x.value && isSmall(dims) ? [...stretched(x, dims)] : undefined)];
  },
};

const where: ShapeRule = {
  opType: 'Where',
  infer: (view) => {
    const [condition, yes, no] = [view.input(0), view.input(1), view.input(2)];
    const dims = broadcast(view, [condition.dims, yes.dims, no.dims]);
    if (!condition.value || !yes.value || !no.value || !isSmall(dims)) return [{ type: yes.type, dims }];
    const left = [...stretched(yes, dims)];
    const right = [...stretched(no, dims)];
    const chosen = [...stretched(condition, dims)].map((c, i) => at(c === 0 ? right : left, i));
    return [computed(yes.type, dims, chosen)];
  },
};

/** The slope is broadcast to the data, never the other way around. */
const prelu: ShapeRule = {
  opType: 'PRelu',
  infer: (view) => {
    const { type, dims } = view.input(0);
    broadcast(view, [dims, view.input(1).dims]);
    return [{ type, dims }];
  },
};

export const broadcastingRules: readonly ShapeRule[] = [
  ...Object.entries(arithmetic).flatMap(([opType, combine]) =>
    rulesFor([opType], (view) => [combined(view, view.input(0).type, combine)]),
  ),
  ...Object.entries(comparisons).flatMap(([opType, combine]) =>
    rulesFor([opType], (view) => [combined(view, 'bool', combine)]),
  ),
  ...rulesFor(['Pow'], (view) => [
    whole(combined(view, view.input(0).type, (a, b) => (b === 0.5 ? Math.sqrt(a) : a ** b))),
  ]),
  ...rulesFor(['Mean', 'BitwiseAnd', 'BitwiseOr', 'BitwiseXor'], (view) => [
    combined(view, view.input(0).type, undefined),
  ]),
  ...rulesFor(['Mod'], (view) => [
    combined(
      view,
      view.input(0).type,
      view.int('fmod', 0) === 0 ? (a, b) => ((a % b) + b) % b : (a, b) => a % b,
    ),
  ]),
  expand,
  where,
  prelu,
];
