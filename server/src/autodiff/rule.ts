/** What a gradient rule is: the adjoint of one operator, written with the tensors around its node. */
import type { DataType, Node } from '../onnx/model';
import type { Emitter } from './emitter';
import { gradient, matters, portAt, type Port } from './ports';

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
  /** Whether dL/d input is requested. */
  needs(index: number): boolean;
  shapeOfInput(index: number): readonly number[];
  shapeOfOutput(index: number): readonly number[];
  typeOfInput(index: number): DataType;
  /** The elements of an input that is constant; undefined if the input is omitted; throws if it varies. */
  constantNumbers(index: number): readonly number[] | undefined;
  /** The same, but undefined if it varies: for rules that have a form of their own for certain constants. */
  numbersIfConstant(index: number): readonly number[] | undefined;
  int(attribute: string, otherwise: number): number;
  ints(attribute: string): readonly number[] | undefined;
  float(attribute: string, otherwise: number): number;
  string(attribute: string, otherwise: string): string;
  /** Gives up on this node: the error names node, operator and the reason. */
  unsupported(reason: string): never;
}

/** The gradients of a node's inputs by index; an input that needs none may be left out. */
export type InputGradients = readonly (string | undefined)[];

interface Signature {
  readonly opType: string;
  /** The oldest opset whose definition of the operator this rule follows. */
  readonly since: number;
  /** Every input of the operator, in the specification's order. */
  readonly inputs: readonly Port[];
  /** Every output; one with a gradient unless given. */
  readonly outputs?: readonly Port[];
}

export interface DifferentiableRule extends Signature {
  /** Returns a gradient for each input that `ctx.needs`; the driver refuses to go on without one. */
  build(ctx: GradientContext): InputGradients;
}

/** An operator that ends every gradient: each port says why. */
export interface StopRule extends Signature {
  readonly build?: undefined;
}

export type Rule = DifferentiableRule | StopRule;

export const isStop = (rule: Rule): rule is StopRule => rule.build === undefined;

const ONE_OUTPUT: readonly Port[] = [gradient('output')];

export const inputPort = (rule: Rule, index: number): Port => portAt(rule.inputs, index);
export const outputPort = (rule: Rule, index: number): Port => portAt(rule.outputs ?? ONE_OUTPUT, index);

/** Whether an output's gradient depends on this input: it passes there, or the driver has to refuse. */
export const passes = (rule: Rule, input: number): boolean => matters(inputPort(rule, input));
