/** How a model file would be fed, read and named. */
import type { ModelFeeding } from '../../../../protocol/model-structure';
import type { ModelStore } from '../../store/store';
import { inferShapes } from '../../onnx/shapes';
import type { Model } from '../../onnx/model';
import { sumOfFlops } from './operations';
import type { LensTrust } from '../choose-lens';
import { inspectLens } from '../inspect-lens';

/**
 * Loads the network but does not run it.
 * @param trust whether files beside the model may be read that nobody named
 * @throws LensError that says why it cannot be analyzed
 */
export async function modelFeeding(
  path: string,
  store: ModelStore,
  trust: LensTrust,
  signal?: AbortSignal,
): Promise<ModelFeeding> {
  const { lens, shape, model } = await inspectLens({ weights: path }, store, signal, trust);
  const unread = lens.passedOver.map(
    ({ file, why }) => `Not read: ${file}, ${why ?? 'as the workspace is not trusted'}.`,
  );
  return { lens: lens.report, shape, flops: flopsOfModel(model, shape), notes: [...lens.notes, ...unread] };
}

/** Null where an operator is not counted, or a shape not known in advance. */
function flopsOfModel(model: Model, shape: readonly number[]): number | null {
  const [input] = model.graph.inputs;
  if (input === undefined) return null;
  const known = inferShapes(model, { [input.name]: shape }, { unknown: 'leave out' });
  return sumOfFlops(model.graph.nodes, (tensor) => known.get(tensor)?.dims);
}
