/** What a lowering is: one operator rewritten with operators that later steps know, given its node's shapes. */
import type { Emitter } from '../autodiff/emitter';
import type { ConstantTensor, DataType, Node } from '../onnx/model';

/** The view a lowering has of its node. Indices count inputs and outputs as in the operator's specification. */
export interface LoweringContext {
  readonly node: Node;
  /** The operator set that the node follows: the file's. */
  readonly opset: number;
  /** Appends nodes of the target operator set. */
  readonly emit: Emitter;
  /** Name of an input; refuses the node if it is omitted. */
  readonly input: (index: number) => string;
  readonly has: (index: number) => boolean;
  readonly inputCount: () => number;
  /** Whether the node names this output. */
  readonly wants: (index: number) => boolean;
  /** Shape of an input; refuses the node if it is known only while the model runs. */
  readonly dims: (index: number) => readonly number[];
  readonly type: (index: number) => DataType;
  /** Shape of an output, from the operator's shape rule; refuses the node if the rule does not know it. */
  readonly outputDims: (index: number) => readonly number[];
  /** Elements of a constant input; undefined where it is omitted; refuses the node if they vary. */
  readonly numbers: (index: number) => readonly number[] | undefined;
  /** The constant itself, or null where the input is computed. */
  readonly constant: (index: number) => ConstantTensor | null;
  readonly int: (attribute: string, otherwise: number) => number;
  readonly ints: (attribute: string) => readonly number[] | undefined;
  readonly float: (attribute: string, otherwise: number) => number;
  readonly floats: (attribute: string) => readonly number[] | undefined;
  readonly string: (attribute: string, otherwise: string) => string;
  readonly strings: (attribute: string) => readonly string[] | undefined;
  /** Gives up on this node: the error names node, operator and the reason, where the network needs the node. */
  readonly refuse: (reason: string) => never;
}

export interface Lowering {
  readonly opType: string;
  /** '' is the standard domain. */
  readonly domain?: string;
  /** Applies to nodes of operator sets below this one; to all by default. */
  readonly below?: number;
  /** The tensors that replace the node's outputs, in order; null leaves the node unchanged. */
  lower(ctx: LoweringContext): readonly string[] | null;
}

/** An axis counted from the front. */
export const fromFront = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

export const product = (sizes: readonly number[]): number => sizes.reduce((all, size) => all * size, 1);

/** `x` reduced over `axes`, which stay with size 1. */
export function reduced(emit: Emitter, opType: string, x: string, axes: readonly number[]): string {
  const asInput = emit.opset >= (opType === 'ReduceSum' ? 13 : 18);
  return asInput
    ? emit.op(opType, [x, emit.ints(axes)], { keepdims: 1 })
    : emit.op(opType, [x], { axes, keepdims: 1 });
}

/** `x` with its axes in this order. */
export const permuted = (emit: Emitter, x: string, perm: readonly number[]): string =>
  perm.every((from, to) => from === to) ? x : emit.transpose(x, perm);

/** 0, 1, ..., count - 1. */
export const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
