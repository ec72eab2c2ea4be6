/** Nodes that a provider takes and then cannot run: they are named to it, so that the processor runs them instead. */
import type { Node } from '../onnx/model';
import { decodeModel, readModel } from '../onnx/read';
import type { Provider } from './session';

/**
 * WebGPU claims every MaxPool, but stops at one whose `Indices` are asked for ("The Indices output is not supported yet",
 * onnxruntime 1.30, core/providers/webgpu/nn/pool.cc); the gradient of max pooling needs them.
 */
const cannotRun: Partial<Record<Provider, (node: Node) => boolean>> = {
  webgpu: ({ opType, outputs }) => opType === 'MaxPool' && (outputs[1] ?? '') !== '',
};

/** Names of the nodes that the processor has to run. Reads the graph only for providers with such nodes; constants stay where they are. */
export async function processorNodes(
  model: string | Uint8Array,
  provider: Provider,
): Promise<readonly string[]> {
  const refuses = cannotRun[provider];
  if (refuses === undefined) return [];
  const { graph } = typeof model === 'string' ? await readModel(model) : decodeModel(model);
  return graph.nodes.filter((node) => node.name !== '' && refuses(node)).map(({ name }) => name);
}
