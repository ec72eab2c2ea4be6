/** What a gradient rule is: the adjoint of one operator, written with the tensors around its node. */
import type { DataType, Node } from '../onnx/model';
import type { Emitter } from './emitter';

/** What is statically known of a tensor: element type and shape, both after binding the graph's inputs. */
export interface TensorFacts {
  readonly type: DataType;
  readonly dims: readonly number[];
}

/** Answers what a rule may ask of the forward graph. */
export interface GraphFacts {
  readonly opset: number;
  /** Undefined where type and shape are not known before the graph runs. */
  factsOf(tensor: string): TensorFacts | undefined;
  /** The elements of a small tensor that does not depend on the graph's inputs: axes, pads, shapes. */
  valueOf(tensor: string): readonly number[] | undefined;
}

/** The view a rule has of its node. Indices count the node's inputs and outputs as in the ONNX specification. */
export interface GradientContext {
  readonly node: Node;
  readonly opset: number;
  /** Appends nodes to the gradient graph; what it emits is named after this node. */
  readonly emit: Emitter;
  /** Name of an input; throws if it is omitted. */
  input(index: number): string;
  hasInput(index: number): boolean;
  inputCount(): number;
  output(index: number): string;
  outputCount(): number;
  /** dL/d output; '' where no gradient arrives at this output (never for a node with a single output). */
  gradOfOutput(index: number): string;
  /** Whether dL/d input is asked for. */
  needs(index: number): boolean;
  shapeOfInput(index: number): readonly number[];
  shapeOfOutput(index: number): readonly number[];
  typeOfInput(index: number): DataType;
  /** The elements of an input that is constant; undefined if the input is omitted; throws if it varies. */
  constantNumbers(index: number): readonly number[] | undefined;
  int(attribute: string, otherwise: number): number;
  ints(attribute: string): readonly number[] | undefined;
  float(attribute: string, otherwise: number): number;
  string(attribute: string, otherwise: string): string;
  /** Gives up on this node: the error names node, operator and the reason. */
  unsupported(reason: string): never;
}

/** The gradients of a node's inputs by index; an input that needs none may be left out. */
export type InputGradients = readonly (string | undefined)[];

export interface DifferentiableRule {
  readonly opType: string;
  /** The oldest opset whose definition of the operator this rule follows. */
  readonly since: number;
  /** Inputs through which no gradient flows: shapes, axes, conditions. */
  readonly stops?: readonly number[];
  build(ctx: GradientContext): InputGradients;
}

/** An operator whose outputs are integers, booleans or piecewise constant: its gradient is zero wherever it exists. */
export interface StopRule {
  readonly opType: string;
  readonly since: number;
  readonly stops: 'all';
}

export type Rule = DifferentiableRule | StopRule;

export const isStop = (rule: Rule): rule is StopRule => rule.stops === 'all';

/** Whether a gradient may flow from the node's outputs to this input. */
export function passes(rule: Rule, input: number): boolean {
  return !isStop(rule) && !(rule.stops ?? []).includes(input);
}
