/** The view a rule has of its node: names, shapes and attributes by the indices of the ONNX specification. */
import { whereOf } from '../layers/where';
import { attribute } from '../onnx/attributes';
import type { Node } from '../onnx/model';
import { NoGradient } from './no-gradient';
import type { Emitter } from './emitter';
import { inputPort, type GradientContext, type GraphFacts, type Rule, type TensorFacts } from './rule';

export function createContext(
  node: Node,
  rule: Rule,
  facts: GraphFacts,
  emit: Emitter,
  gradients: readonly string[],
  isLive: (tensor: string) => boolean,
): GradientContext {
  const label = node.name || node.outputs.join(', ');
  const unsupported = (reason: string): never => {
    throw new NoGradient(
      node,
      `Node "${label}"${whereOf(node)} (${node.opType}) cannot be differentiated: ${reason}.`,
      {
        fix: 'Export the model without this form of the operator.',
      },
    );
  };
  const has = (index: number): boolean => (node.inputs[index] ?? '') !== '';
  const input = (index: number): string => {
    const name = node.inputs[index];
    return name !== undefined && name !== '' ? name : unsupported(`input ${index} is missing`);
  };
  const output = (index: number): string => node.outputs[index] ?? unsupported(`output ${index} is missing`);
  const known = (tensor: string): TensorFacts =>
    facts.factsOf(tensor) ?? unsupported(`the shape of "${tensor}" is not known before the model runs`);
  const constantNumbers = (index: number): readonly number[] | undefined => {
    if (!has(index)) return undefined;
    return (
      facts.valueOf(input(index)) ??
      unsupported(`input ${index} ("${input(index)}") must be a constant in the model file`)
    );
  };
  return {
    node,
    opset: facts.opset,
    emit: emit.scoped(`grad/${node.outputs[0] ?? ''}/`),
    input,
    hasInput: has,
    inputCount: () => node.inputs.length,
    output,
    outputCount: () => node.outputs.length,
    gradOfOutput: (index) => gradients[index] ?? '',
    needs: (index) => has(index) && inputPort(rule, index).kind === 'gradient' && isLive(input(index)),
    shapeOfInput: (index) => known(input(index)).dims,
    shapeOfOutput: (index) => known(output(index)).dims,
    typeOfInput: (index) => known(input(index)).type,
    constantNumbers,
    numbersIfConstant: (index) => (has(index) ? facts.valueOf(input(index)) : undefined),
    int: (name, otherwise) => attribute(node, name, 'int') ?? otherwise,
    ints: (name) => attribute(node, name, 'ints'),
    float: (name, otherwise) => attribute(node, name, 'float') ?? otherwise,
    string: (name, otherwise) => attribute(node, name, 'string') ?? otherwise,
    unsupported,
  };
}
