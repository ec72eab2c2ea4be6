/** Weights beside a model file. */
import { readExternal } from '../../onnx/external-data';
import type { ConstantTensor, Model } from '../../onnx/model';
import { isExternal } from '../../onnx/model';

/** Reads weights beside a model, since the explain graph is written elsewhere. */
export async function withWeightsInMemory({
  model,
  folder,
}: {
  readonly model: Model;
  /** That external weights are relative to; null where all weights are in memory. */
  readonly folder: string | null;
}): Promise<Model> {
  if (folder === null) return model;
  const initializers = new Map<string, ConstantTensor>();
  for (const [name, tensor] of model.graph.initializers) {
    const { data } = tensor;
    const inMemory = isExternal(data) ? await readExternal(folder, data, `tensor "${name}"`) : data;
    initializers.set(name, { ...tensor, data: inMemory });
  }
  return { ...model, graph: { ...model.graph, initializers } };
}
