/** Creates a lowering's view of its node. */
import type { Emitter } from '../autodiff/emitter';
import { LensError } from '../errors';
import { whereOf } from '../layers/where';
import { attribute } from '../onnx/attributes';
import type { ConstantTensor, Node } from '../onnx/model';
import { describe } from '../onnx/node-label';
import type { TensorInfo } from '../onnx/shapes';
import { numbersOf } from '../onnx/typed-data';
import type { LoweringContext } from './lowering';

/** The node cannot be lowered; only a network that needs it is refused. */
export class Refusal extends LensError {}

/** What is known about tensors before the model runs. */
export interface Known {
  info(tensor: string): TensorInfo | undefined;
  constant(tensor: string): ConstantTensor | undefined;
  /** A node's outputs, as far as its shape rule knows. */
  infer(node: Node): readonly (TensorInfo | undefined)[];
}

export function contextOf(node: Node, opset: number, known: Known, emit: Emitter): LoweringContext {
  const refuse = (reason: string): never => {
    throw new Refusal('model', `${describe(node)}${whereOf(node)}: ${reason}.`, {
      fix: 'Export the model without this form of the operator.',
    });
  };
  const has = (index: number): boolean => (node.inputs[index] ?? '') !== '';
  const input = (index: number): string =>
    has(index) ? (node.inputs[index] ?? '') : refuse(`its input ${index} is missing`);
  const info = (index: number): TensorInfo =>
    known.info(input(index)) ?? refuse(`the shape of "${input(index)}" is known only while the model runs`);
  const numbers = (index: number): readonly number[] | undefined => {
    if (!has(index)) return undefined;
    const constant = known.constant(input(index));
    const value = known.info(input(index))?.value ?? (constant && numbersOf(constant));
    return (
      value ?? refuse(`its input ${index} ("${input(index)}") is expected to be a constant, and is computed`)
    );
  };
  return {
    node,
    opset,
    emit,
    input,
    has,
    inputCount: () => node.inputs.length,
    wants: (index) => (node.outputs[index] ?? '') !== '',
    dims: (index) => info(index).dims,
    type: (index) => info(index).type,
    outputDims: (index) =>
      known.infer(node)[index]?.dims ?? refuse('the shape of its output is known only while the model runs'),
    numbers,
    constant: (index) => known.constant(input(index)) ?? null,
    int: (name, otherwise) => attribute(node, name, 'int') ?? otherwise,
    ints: (name) => attribute(node, name, 'ints'),
    float: (name, otherwise) => attribute(node, name, 'float') ?? otherwise,
    floats: (name) => attribute(node, name, 'floats'),
    string: (name, otherwise) => attribute(node, name, 'string') ?? otherwise,
    strings: (name) => attribute(node, name, 'strings'),
    refuse,
  };
}
