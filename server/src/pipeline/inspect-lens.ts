/** What holds for a model, found without explaining anything: for `lens init` and `lens check`. */
import { decodeImage } from '../imaging/decode';
import { requireShape } from '../lens/constraints';
import { withPlaceInErrors } from '../lens/resolve';
import type { Model } from '../onnx/model';
import type { ModelStore } from '../store/store';
import type { FittedLens, LensTrust } from './choose-lens';
import { chooseLens } from './choose-lens';
import { networkName } from './network/proved-network';
import type { Weights } from './network/weights';
import { wholeImage } from './face/crop';
import { prepareInput } from './steps/preprocess';

export interface InspectedLens {
  readonly lens: FittedLens;
  readonly weights: Weights;
  /** (1, C, H, W) of the network's input. */
  readonly shape: readonly number[];
  /** Without the values of a checkpoint's weights. */
  readonly model: Model;
}

/** The options of an analysis that sets none, so that everything comes from the lens and the network. */
export const NOTHING_ASKED = {
  ...{ lens: null, pipeline: null, weights: null, architecture: null, stateDict: null },
  ...{ target: null, activation: null, detector: null, crop: null, methods: null, layers: null },
};

/**
 * @param asked a lens, weights, or both
 * @throws LensError where the network cannot be read, or contradicts the lens
 */
export async function inspectLens(
  asked: { readonly lens?: string; readonly weights?: string },
  store: ModelStore,
  signal?: AbortSignal,
  trust: LensTrust = { trusted: true },
): Promise<InspectedLens> {
  const chosen = await chooseLens({ ...NOTHING_ASKED, ...asked }, store, (look) => look(), trust);
  const { weights, plan } = chosen;
  const load = { inputSize: plan.size, outputName: plan.outputName, values: false };
  const network = await withPlaceInErrors(plan, () => weights.load(load, signal));
  const lens = await chosen.resolve({
    ...{ architecture: network.id, logits: network.classes, classes: Math.max(2, network.classes) },
    inputShape: network.input.shape,
    ...{ proved: network.proved, metadata: network.metadata },
  });
  return { lens, weights, shape: network.input.shape, model: network.model };
}

/** Runs the steps on a whole picture. @throws LensError where they do not produce the network's input */
export async function tryPicture({ lens, weights, shape }: InspectedLens, path: string): Promise<void> {
  const { image } = await decodeImage(path, {});
  const [, , height = 0, width = 0] = shape;
  const { tensor } = prepareInput(wholeImage(image), lens, { width, height });
  requireShape(tensor.dims, shape, lens.prepared.subject, networkName(weights, 'network'));
}
