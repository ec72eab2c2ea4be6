/** What a shape rule is: from what is known about an operator's inputs to what is known about its outputs. */
import type { DataType, Graph, Node } from '../model';

/** What is known about a tensor without running the model. */
export interface TensorInfo {
  readonly type: DataType;
  readonly dims: readonly number[];
  /**
   * The elements in C order, if they follow from only the model and the input shapes, and are few. Exact:
   * 64-bit integers beyond 2^53 are never the result of a computation here, only of reading a constant (as
   * nearest double).
   */
  readonly value?: readonly number[];
}

/** The view a rule has of its node. Indices count inputs as in the ONNX specification. */
export interface NodeView {
  readonly node: Node;
  /** Version of the standard operator set. */
  readonly opset: number;
  inputCount(): number;
  has(index: number): boolean;
  /** An input that must be there. */
  input(index: number): TensorInfo;
  /** All inputs of a variadic operator. */
  inputs(): readonly TensorInfo[];
  /** The elements of an input that the output's shape depends on; gives up if they are unknown. */
  numbers(index: number): readonly number[];
  /** The same, or undefined where the input is omitted. */
  optionalNumbers(index: number): readonly number[] | undefined;
  /** Axes, sizes, counts: elements that must be whole numbers of type int64 or int32; gives up like `numbers`. */
  integers(index: number): readonly number[];
  /** The same, or undefined where the input is omitted. */
  optionalIntegers(index: number): readonly number[] | undefined;
  int(attribute: string, otherwise: number): number;
  ints(attribute: string): readonly number[] | undefined;
  float(attribute: string, otherwise: number): number;
  string(attribute: string, otherwise: string): string;
  /** What is known about the results of a nested graph. @param inputs what is known about its own inputs, in order */
  nested(graph: Graph, inputs?: readonly (TensorInfo | undefined)[]): readonly TensorInfo[];
  /** Throws that the model is invalid: what was expected, and what was found. */
  invalid(expected: string, found: string): never;
  /** Gives up: the shape depends on what is known only while the model runs. */
  unknown(reason: string): never;
}

export interface ShapeRule {
  readonly opType: string;
  /** One entry per output, as many as the operator can have. */
  infer(view: NodeView): readonly TensorInfo[];
}

/** Several operators that share a rule. */
export function rulesFor(opTypes: readonly string[], infer: ShapeRule['infer']): ShapeRule[] {
  return opTypes.map((opType) => ({ opType, infer }));
}
