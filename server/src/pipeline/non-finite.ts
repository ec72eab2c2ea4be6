/** Counts NaN and infinities, layer by layer; run only where the statistics say that there may be any. */
import type { LayerResult } from '../explain/decode';
import type { Graph, Model } from '../onnx/model';
import { encodeModel } from '../onnx/write';
import { createSession } from '../runtime/onnxruntime';
import type { Tensor } from '../runtime/session';
import type { NonFinite } from './layers';
import { withWeightsInMemory } from './prepare';
import type { Network } from './weights';

/**
 * Runs the forward pass once more with the suspicious layers as outputs, on the processor.
 * @returns counts of the layers that have any
 */
export async function countNonFinite(
  layers: readonly LayerResult[],
  image: Tensor,
  load: () => Promise<Network>,
): Promise<ReadonlyMap<string, NonFinite>> {
  const suspicious = new Set(layers.filter(({ statistics }) => !statistics.finite).map(({ name }) => name));
  if (suspicious.size === 0) return new Map();
  const network = await load();
  const tensors = network.layers.filter(({ name }) => suspicious.has(name));
  const model = await withWeightsInMemory(network);
  const session = await createSession(
    encodeModel(
      withOutputs(
        model,
        tensors.map(({ tensor }) => tensor),
      ),
    ),
  );
  try {
    const values = await session.run({ [network.input.name]: image });
    const counts = tensors.map(({ name, tensor }) => [name, count(values[tensor])] as const);
    return new Map(counts.filter(([, { nan, inf }]) => nan + inf > 0));
  } finally {
    await session.dispose();
  }
}

function withOutputs(model: Model, names: readonly string[]): Model {
  const outputs = names.map((name) => ({ name, type: 'float32' as const, dims: null }));
  const graph: Graph = { ...model.graph, outputs };
  return { ...model, graph };
}

function count(tensor: Tensor | undefined): NonFinite {
  let nan = 0;
  let inf = 0;
  if (tensor?.type === 'float32') {
    for (const value of tensor.data) {
      if (Number.isNaN(value)) nan += 1;
      else if (!Number.isFinite(value)) inf += 1;
    }
  }
  return { nan, inf };
}
