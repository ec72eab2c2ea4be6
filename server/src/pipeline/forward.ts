/** The forward pass with some layers as outputs: for what the explain graph leaves inside the session. */
import type { Graph, Model } from '../onnx/model';
import { encodeModel } from '../onnx/write';
import { createSession } from '../runtime/onnxruntime';
import type { Tensor } from '../runtime/session';
import { withWeightsInMemory } from './prepare';
import type { Network } from './weights';

/**
 * Full activations of the named layers, on the processor. Takes a session of its own, which is gone afterwards.
 * @returns values by layer name, C-ordered
 */
export async function forward(
  network: Network,
  names: ReadonlySet<string>,
  image: Tensor,
): Promise<ReadonlyMap<string, Float32Array>> {
  const layers = network.layers.filter(({ name }) => names.has(name));
  const model = withOutputs(
    await withWeightsInMemory(network),
    layers.map(({ tensor }) => tensor),
  );
  const session = await createSession(encodeModel(model));
  try {
    const results = await session.run({ [network.input.name]: image });
    return new Map(
      layers.flatMap(({ name, tensor }) => {
        const values = results[tensor];
        return values?.type === 'float32' ? [[name, values.data] as const] : [];
      }),
    );
  } finally {
    await session.dispose();
  }
}

function withOutputs(model: Model, names: readonly string[]): Model {
  const outputs = names.map((name) => ({ name, type: 'float32' as const, dims: null }));
  const graph: Graph = { ...model.graph, outputs };
  return { ...model, graph };
}
