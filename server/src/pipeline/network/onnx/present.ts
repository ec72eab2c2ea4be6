/**
 * Puts nodes before a file's own image input, so that every network takes the same: one float32 picture (1, C, H, W). The nodes
 * in between change layout, type and shape.
 */
import { int64Tensor, float32Tensor } from '../../../onnx/builder';
import type { Attribute, ConstantTensor, Model, Node } from '../../../onnx/model';
import { dataTypes } from '../../../onnx/model';
import { TakenNames } from '../../../onnx/names';
import type { ProvedInput } from './proved';

export interface Presented {
  /** Its one input is the picture. */
  readonly model: Model;
  /** Name of that input. */
  readonly name: string;
}

/** @param shape (1, C, H, W) of the picture */
export function presentPicture(model: Model, input: ProvedInput, shape: readonly number[]): Presented {
  const { graph } = model;
  const info = { name: input.name, type: 'float32' as const, dims: shape };
  if (input.layout === 'NCHW' && input.type === 'float32')
    return { model: { ...model, graph: { ...graph, inputs: [info] } }, name: input.name };
  const nodes = new Before(model, input.name);
  let picture = nodes.name;
  if (isInteger(input.type)) picture = nodes.rounded(picture);
  if (input.layout.endsWith('C')) picture = nodes.op('Transpose', [picture], { perm: ints([0, 2, 3, 1]) });
  const dims = dimsFor(input.layout, shape);
  if (dims.length !== 4) picture = nodes.op('Reshape', [picture, nodes.constant(int64Tensor(dims))]);
  nodes.ends(picture, input);
  const initializers = new Map([...graph.initializers, ...nodes.constants]);
  const inputs = [{ ...info, name: nodes.name }];
  const all = [...nodes.nodes, ...graph.nodes];
  return { model: { ...model, graph: { ...graph, inputs, initializers, nodes: all } }, name: nodes.name };
}

const ints = (value: readonly number[]): Attribute => ({ kind: 'ints', value });
const isInteger = (type: ProvedInput['type']): boolean => !/float/.test(type);

/** The shape of the file's own input. */
export function dimsFor(
  layout: ProvedInput['layout'],
  [n = 1, c = 1, h = 1, w = 1]: readonly number[],
): number[] {
  const sizes: Readonly<Record<string, number>> = { N: n, C: c, H: h, W: w };
  return Array.from(layout, (axis) => sizes[axis] ?? 1);
}

/** A chain of nodes, the last of which yields the file's input. */
class Before {
  readonly nodes: Node[] = [];
  readonly constants = new Map<string, ConstantTensor>();
  readonly name: string;
  private readonly taken = new TakenNames();

  constructor({ graph }: Model, input: string) {
    for (const name of graph.initializers.keys()) this.taken.add(name);
    for (const { outputs } of graph.nodes) for (const output of outputs) this.taken.add(output);
    for (const { name } of graph.inputs) this.taken.add(name);
    this.name = this.taken.take(`picture/${input}`);
  }

  constant(tensor: ConstantTensor): string {
    const name = this.taken.take('picture/constant');
    this.constants.set(name, tensor);
    return name;
  }

  op(
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): string {
    const output = this.taken.take(`picture/${opType.toLowerCase()}`);
    this.push(opType, inputs, attributes, output);
    return output;
  }

  /** To the nearest whole number, as floor(x + 1/2): Round came with opset 11. */
  rounded(tensor: string): string {
    const half = this.constant(float32Tensor([], [0.5]));
    return this.op('Floor', [this.op('Add', [tensor, half])]);
  }

  ends(tensor: string, { name, type }: ProvedInput): void {
    this.push('Cast', [tensor], { to: { kind: 'int', value: dataTypes[type] } }, name);
  }

  private push(
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>>,
    output: string,
  ): void {
    const node = { opType, domain: '', name: `picture/${output}`, inputs, outputs: [output] };
    this.nodes.push({ ...node, attributes: new Map(Object.entries(attributes)) });
  }
}
