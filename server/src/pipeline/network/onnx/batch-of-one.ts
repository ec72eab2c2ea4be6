/** A model whose batch is fixed at several images, as the same function of one image, where its shapes prove that it is the same. */
import { LensError } from '../../../errors';
import type { ConstantTensor, Model, Node } from '../../../onnx/model';
import { inferShapes } from '../../../onnx/shapes';
import type { TensorInfo } from '../../../onnx/shapes/shape-rule';
import { describe } from '../../../onnx/node-label';
import { isNumeric, numbersOf, packNumbers } from '../../../onnx/typed-data';
import { TakenNames } from '../../../onnx/names';
import type { InputDims } from '../../../onnx/bind';
import { descendantsOf } from './paths';

/** Operators that take a shape as their second input. */
const TARGET_SHAPE: ReadonlySet<string> = new Set(['Reshape', 'Expand']);

/**
 * Sets the batch to 1: in the input, and where a shape begins with the batch. Images of a batch do not mix as long as every tensor keeps
 * its axes and has exactly one of them divided by the batch.
 * @param image the input
 * @param batch that the file fixes, above 1
 * @param dims of the inputs, with that batch
 * @throws LensError of kind `model` naming the node where the images mix, or where that cannot be determined
 */
export function withBatchOfOne(model: Model, image: string, batch: number, dims: InputDims): Model {
  const lenient = { unknown: 'leave out' } as const;
  const before = inferShapes(model, dims, lenient);
  const nodes = descendantsOf(image, model.graph.nodes);
  const one = rewritten(model, image, batch);
  const oneDims = Object.fromEntries(
    Object.entries(dims).map(([name, sizes]) => [name, name === image ? [1, ...sizes.slice(1)] : sizes]),
  );
  const after = inferShapes(one, oneDims, lenient);
  for (const node of one.graph.nodes) {
    for (const output of node.outputs) {
      if (!nodes.has(output) || isShapeArithmetic(before.get(output))) continue;
      if (!isOneOf(before.get(output), after.get(output), batch)) throw mixed(node, image, batch);
    }
  }
  return one;
}

function rewritten(model: Model, image: string, batch: number): Model {
  const { graph } = model;
  const taken = new TakenNames();
  for (const name of graph.initializers.keys()) taken.add(name);
  for (const { outputs } of graph.nodes) for (const output of outputs) taken.add(output);
  const constants = new Map(graph.initializers);
  const fromNodes = new Map<string, ConstantTensor>();
  for (const { opType, attributes, outputs } of graph.nodes) {
    const value = attributes.get('value');
    if (opType === 'Constant' && value?.kind === 'tensor') fromNodes.set(outputs[0] ?? '', value.value);
  }
  const nodes = graph.nodes.map((node): Node => {
    const [, name = ''] = node.inputs;
    const shape = TARGET_SHAPE.has(node.opType) ? (constants.get(name) ?? fromNodes.get(name)) : undefined;
    const sizes = shape === undefined ? null : numbersOf(shape);
    if (shape === undefined || sizes?.[0] !== batch || !isNumeric(shape.type)) return node;
    const fresh = taken.take(`${name}/one`);
    constants.set(fresh, {
      type: 'int64',
      dims: shape.dims,
      data: packNumbers('int64', [1, ...sizes.slice(1)]),
    });
    return { ...node, inputs: [node.inputs[0] ?? '', fresh, ...node.inputs.slice(2)] };
  });
  const inputs = graph.inputs.map((input) =>
    input.name === image ? { ...input, dims: [1, ...(input.dims?.slice(1) ?? [])] } : input,
  );
  const outputs = graph.outputs.map((output) => ({ ...output, dims: null }));
  return { ...model, graph: { ...graph, inputs, outputs, nodes, initializers: constants } };
}

/** Known in advance: computed only from shapes. */
const isShapeArithmetic = (info: TensorInfo | undefined): boolean => info?.value !== undefined;

/** Whether exactly one axis has the batch divided out. */
function isOneOf(many: TensorInfo | undefined, one: TensorInfo | undefined, batch: number): boolean {
  if (many === undefined || one === undefined || many.dims.length !== one.dims.length) return false;
  const changed = many.dims.flatMap((size, axis) => (size === one.dims[axis] ? [] : [axis]));
  const [axis] = changed;
  return changed.length === 1 && axis !== undefined && many.dims[axis] === batch * (one.dims[axis] ?? 0);
}

const mixed = (node: Node, image: string, batch: number): LensError =>
  new LensError(
    'model',
    `the input "${image}" takes ${batch} images at once, and in ${describe(node)} the images cannot be separated.`,
    { fix: 'Export the classifier for one image, or with an open batch.' },
  );
