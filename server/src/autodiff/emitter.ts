/** Writes standard-domain nodes for one opset: where an operator changed its form (axes as input), only this file knows. */
import { createHash } from 'node:crypto';
import { float, float32Tensor, int64Tensor, type AttributeInput, type GraphBuilder } from '../onnx/builder';
import { dataTypes, isExternal, type ConstantTensor, type DataType } from '../onnx/model';
import { sameDims } from '../onnx/dims';

export type Attributes = Readonly<Record<string, AttributeInput>>;

/** Operators that reduce over axes and took them as an attribute up to opset 17 (ReduceSum: up to 12). */
export type Reduction =
  | 'ReduceSum'
  | 'ReduceMean'
  | 'ReduceMax'
  | 'ReduceMin'
  | 'ReduceProd'
  | 'ReduceSumSquare';

export class Emitter {
  constructor(
    readonly builder: GraphBuilder,
    readonly opset: number,
    private readonly prefix = '',
    private readonly constants = new Map<string, string>(),
  ) {}

  /** The same emitter with other names for what it emits; constants stay shared. */
  scoped(prefix: string): Emitter {
    return new Emitter(this.builder, this.opset, prefix, this.constants);
  }

  /** One node with one output, named by the scope and `hint`. */
  op(
    opType: string,
    inputs: readonly string[],
    attributes: Attributes = {},
    hint = opType,
    domain = '',
  ): string {
    return this.builder.node(opType, inputs, attributes, this.builder.free(this.prefix + hint), domain);
  }

  /** One node with several outputs. */
  ops(opType: string, inputs: readonly string[], attributes: Attributes, count: number): readonly string[] {
    const names = Array.from({ length: count }, (_, i) =>
      this.builder.free(`${this.prefix}${opType}_${i}of${count}`),
    );
    return this.builder.nodeWithOutputs(opType, inputs, attributes, names);
  }

  add = (a: string, b: string): string => this.op('Add', [a, b]);
  sub = (a: string, b: string): string => this.op('Sub', [a, b]);
  mul = (a: string, b: string): string => this.op('Mul', [a, b]);
  div = (a: string, b: string): string => this.op('Div', [a, b]);
  neg = (a: string): string => this.op('Neg', [a]);

  /** A floating-point constant of shape [] and the given type. */
  scalar(value: number, type: DataType): string {
    const float32 = this.shared(`constant/float/${value}`, () => float32Tensor([], [value]));
    return type === 'float32' ? float32 : this.cast(float32, type);
  }

  /** A one-dimensional int64 constant. */
  ints(values: readonly number[]): string {
    return this.shared(`constant/ints/${values.join('_')}`, () => int64Tensor(values));
  }

  /** A constant shared by everything that asks for the same numbers. */
  constant(hint: string, tensor: ConstantTensor): string {
    if (isExternal(tensor.data)) return this.builder.constant(hint, tensor);
    const content = createHash('sha256').update(tensor.data).digest('base64');
    const key = JSON.stringify([hint, tensor.type, tensor.dims, content]);
    let name = this.constants.get(key);
    if (name === undefined) {
      name = this.builder.constant(hint, tensor);
      this.constants.set(key, name);
    }
    return name;
  }

  /** A constant shared by everything that is emitted under the same key. */
  shared(key: string, make: () => ConstantTensor): string {
    let name = this.constants.get(key);
    if (name === undefined) {
      name = this.builder.constant(key, make());
      this.constants.set(key, name);
    }
    return name;
  }

  /** int64 [0, 1, ..., size - 1], which may be as long as an activation: the runtime makes it where it can. */
  range(size: number): string {
    if (this.opset >= RANGE_SINCE) {
      const [zero, one, end] = [0, 1, size].map((value) =>
        this.shared(`constant/int/${value}`, () => int64Tensor([value], [])),
      ) as [string, string, string];
      return this.op('Range', [zero, end, one]);
    }
    return this.shared(`constant/range/${size}`, () => rangeTensor(size));
  }

  cast(x: string, type: DataType): string {
    return this.op('Cast', [x], { to: dataTypes[type] });
  }

  /** A size of 0 is meant as one; before opset 14 it can only be copied from the same axis of `x`. */
  reshape(x: string, dims: readonly number[]): string {
    const literal = dims.includes(0) && this.opset >= 14;
    return this.op('Reshape', [x, this.ints(dims)], literal ? { allowzero: 1 } : {});
  }

  transpose(x: string, perm: readonly number[]): string {
    return this.op('Transpose', [x], { perm });
  }

  expand(x: string, dims: readonly number[]): string {
    return this.op('Expand', [x, this.ints(dims)]);
  }

  concat(parts: readonly string[], axis: number): string {
    return this.op('Concat', parts, { axis });
  }

  /** Over exactly these axes: no axes leave `x` as it is, where the operator would take all of them. */
  reduce(kind: Reduction, x: string, axes: readonly number[], keepdims = true): string {
    if (axes.length === 0) return kind === 'ReduceSumSquare' ? this.mul(x, x) : x;
    const keep = { keepdims: keepdims ? 1 : 0 };
    const axesAreInput = this.opset >= (kind === 'ReduceSum' ? 13 : 18);
    return axesAreInput ? this.op(kind, [x, this.ints(axes)], keep) : this.op(kind, [x], { axes, ...keep });
  }

  unsqueeze(x: string, axes: readonly number[]): string {
    return this.opset >= 13
      ? this.op('Unsqueeze', [x, this.ints(axes)])
      : this.op('Unsqueeze', [x], { axes });
  }

  /** Cuts `x` along `axis` into parts of the given sizes. */
  split(x: string, axis: number, sizes: readonly number[]): readonly string[] {
    if (sizes.length === 1) return [x];
    return this.opset >= 13
      ? this.ops('Split', [x, this.ints(sizes)], { axis }, sizes.length)
      : this.ops('Split', [x], { axis, split: sizes }, sizes.length);
  }

  slice(
    x: string,
    axes: readonly number[],
    starts: readonly number[],
    ends: readonly number[],
    steps?: readonly number[],
  ): string {
    const inputs = [x, this.ints(starts), this.ints(ends), this.ints(axes)];
    return this.op('Slice', steps === undefined ? inputs : [...inputs, this.ints(steps)]);
  }

  /** Pads with zeros; a negative amount crops. `pads` as in ONNX: all begins, then all ends. */
  pad(x: string, pads: readonly number[]): string {
    return pads.every((p) => p === 0) ? x : this.op('Pad', [x, this.ints(pads)], { mode: 'constant' });
  }

  /**
   * 1 - p for a probability p (0 <= p <= 1), as HardSigmoid(alpha = -1, beta = 1): exact there, and onnxruntime computes
   * it in its blocked layout, where Sub would force a copy. The operator has kernels for float32 only.
   */
  oneMinusProbability(p: string, type: DataType): string {
    return type === 'float32'
      ? this.op('HardSigmoid', [p], { alpha: float(-1), beta: float(1) })
      : this.sub(this.scalar(1, type), p);
  }

  /** (1 + x) / 2 for -1 <= x <= 1, as HardSigmoid(alpha = 0.5, beta = 0.5): the same bits there, since halves are exact, in one pass. */
  halfOfOnePlus(x: string, type: DataType): string {
    return type === 'float32'
      ? this.op('HardSigmoid', [x], { alpha: float(0.5), beta: float(0.5) })
      : this.mul(this.scalar(0.5, type), this.add(this.scalar(1, type), x));
  }

  /** 1 where the boolean tensor holds, else 0. */
  indicator(condition: string, type: DataType): string {
    return this.cast(condition, type);
  }

  /** Sums a gradient of shape `from` down to the shape `to` that was broadcast to it (ONNX multidirectional rules). */
  sumTo(gradient: string, from: readonly number[], to: readonly number[]): string {
    const lead = from.length - to.length;
    const axes = from.flatMap((size, axis) =>
      axis < lead || (to[axis - lead] === 1 && size !== 1) ? [axis] : [],
    );
    if (axes.length === 0) return gradient;
    const summed = this.reduce('ReduceSum', gradient, axes, lead === 0);
    const kept = from.filter((_, axis) => !axes.includes(axis));
    return lead === 0 || sameDims(kept, to) ? summed : this.reshape(summed, to);
  }
}

/** Range came with opset 11. */
const RANGE_SINCE = 11;

/** Written as pairs of 32-bit halves, the low one first: a number or bigint for each element would take ten times the memory. */
function rangeTensor(size: number): ReturnType<typeof int64Tensor> {
  const halves = new Uint32Array(2 * size);
  for (let i = 0; i < size; i++) {
    halves[2 * i] = i;
    halves[2 * i + 1] = i / 2 ** 32;
  }
  return { type: 'int64', dims: [size], data: new Uint8Array(halves.buffer) };
}
