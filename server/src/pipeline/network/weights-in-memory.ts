/** Weights beside a model file. */
import { readExternal } from '../../onnx/external-data';
import type { ConstantTensor, Model } from '../../onnx/model';
import { isExternal } from '../../onnx/model';

/**
 * Reads weights beside a model, since the explain graph is written elsewhere.
 * @param stays which of them stay where they are; none unless given
 */
export async function withWeightsInMemory(
  {
    model,
    folder,
  }: {
    readonly model: Model;
    /** That external weights are relative to; null where all weights are in memory. */
    readonly folder: string | null;
  },
  stays: (name: string, tensor: ConstantTensor) => boolean = () => false,
): Promise<Model> {
  if (folder === null) return model;
  const initializers = new Map<string, ConstantTensor>();
  for (const [name, tensor] of model.graph.initializers) {
    const { data } = tensor;
    const isHere = !isExternal(data) || stays(name, tensor);
    initializers.set(
      name,
      isHere ? tensor : { ...tensor, data: await readExternal(folder, data, `tensor "${name}"`) },
    );
  }
  return { ...model, graph: { ...model.graph, initializers } };
}
