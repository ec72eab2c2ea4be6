/** The forward pass with some layers as outputs: full activations, which the explain graph does not return. */
import { buildPlanesGraph } from '../../explain/forward';
import { encodeModel } from '../../onnx/write';
import { createSession } from '../../runtime/onnxruntime';
import type { Tensor } from '../../runtime/session';
import type { MemoryLimit } from './memory-limit';
import { forwardMemory } from './forward-memory';
import { requireMemory } from './memory-limit';
import type { Network } from './weights';
import { withWeightsInMemory } from './weights-in-memory';

/**
 * Full activations of the named layers, on the CPU. Uses a session of its own, which is released afterwards.
 * @param limit memory for the network, and for the activations that are held until the end
 * @returns values by layer name, channel by channel; of tokens, those of the grid
 * @throws LensError of kind `model` above the limit
 */
export async function forward(
  network: Network,
  names: ReadonlySet<string>,
  image: Tensor,
  limit: MemoryLimit,
): Promise<ReadonlyMap<string, Float32Array>> {
  const layers = (network.allLayers ?? network.layers).filter(({ name }) => names.has(name));
  const { model, outputs } = buildPlanesGraph(
    await withWeightsInMemory(network),
    network.input.shape,
    layers,
  );
  requireMemory(forwardMemory(model, network.input), limit, network.source);
  const session = await createSession(encodeModel(model), { provider: 'cpu', source: network.source });
  try {
    const results = await session.run({ [network.input.name]: image });
    return new Map(
      layers.flatMap(({ name }, at) => {
        const values = results[outputs[at] ?? ''];
        return values?.type === 'float32' ? [[name, values.data] as const] : [];
      }),
    );
  } finally {
    await session.dispose();
  }
}
