/** Nodes that a provider takes and then fails at: they are named to it, so that the CPU runs them instead. */
import { LensError } from '../errors';
import type { Model, Node } from '../onnx/model';
import { decodeModel, readModel } from '../onnx/read';
import type { Provider } from './session';

type DimsOf = (tensor: string) => readonly number[] | undefined;
type Refusal = (node: Node, dimsOf: DimsOf) => boolean;

/**
 * WebGPU claims every MaxPool, but stops at one whose `Indices` are requested ("The Indices output is not supported yet",
 * onnxruntime 1.30, core/providers/webgpu/nn/pool.cc); the gradient of max pooling needs them.
 */
const poolsWithIndices: Refusal = ({ opType, outputs }) => opType === 'MaxPool' && (outputs[1] ?? '') !== '';

/**
 * WebGPU silently computes these wrongly (onnxruntime 1.30; #29651): more than 3 input channels that 3 divides and 4 does not,
 * output channels that 4 divides, one group, and not a plain 1x1 kernel, which is a matrix product.
 */
const convolvesInThrees: Refusal = (node, dimsOf) => {
  if (node.opType !== 'Conv') return false;
  const [outputs = 0, inputs = 0, ...kernel] = dimsOf(node.inputs[1] ?? '') ?? [];
  const ints = (name: string): readonly number[] => {
    const attribute = node.attributes.get(name);
    return attribute?.kind === 'ints' ? attribute.value : [];
  };
  const group = node.attributes.get('group');
  const grouped = group?.kind === 'int' && group.value !== 1;
  const plain = kernel.every((size) => size === 1) && ints('strides').every((stride) => stride === 1);
  return inputs > 3 && inputs % 3 === 0 && inputs % 4 !== 0 && outputs % 4 === 0 && !grouped && !plain;
};

const refusals: Partial<Record<Provider, readonly Refusal[]>> = {
  webgpu: [poolsWithIndices, convolvesInThrees],
};

/**
 * Names of the nodes that the CPU has to run. Reads the graph only for providers that have such nodes.
 * @throws LensError of kind `device` for one without a name, by which the provider could not be given it
 */
export async function cpuNodes(model: string | Uint8Array, provider: Provider): Promise<readonly string[]> {
  const refused = refusals[provider];
  if (refused === undefined) return [];
  const decoded = await (
    typeof model === 'string' ? readModel(model) : Promise.resolve().then(() => decodeModel(model))
  ).catch(() => null); // the runtime says better what is wrong with it
  if (decoded === null) return [];
  const dimsOf = await dimensionsIn(decoded);
  return decoded.graph.nodes
    .filter((node) => refused.some((refuses) => refuses(node, dimsOf)))
    .map(({ name, opType, outputs }) => {
      if (name !== '') return name;
      throw new LensError(
        'device',
        `The ${provider} device cannot run the ${opType} node that yields "${outputs[0] ?? ''}", and without a name it cannot be left to the CPU.`,
        { fix: 'Export the model with node names.', remedies: ['cpu'] },
      );
    });
}

async function dimensionsIn(model: Model): Promise<DimsOf> {
  try {
    const { inferShapes } = await import('../onnx/shapes');
    const shapes = inferShapes(model, {}, { unknown: 'leave out' });
    return (tensor) => shapes.get(tensor)?.dims;
  } catch {
    return (tensor) => model.graph.initializers.get(tensor)?.dims; // input shapes are open: constant weights are known nevertheless
  }
}
