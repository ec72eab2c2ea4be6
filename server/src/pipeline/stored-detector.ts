/** The face detector of the model store, if there is one. */
import { LensError } from '../errors';
import type { ModelStore } from '../store/store';

/** Where the RetinaFace weights lie: ResNet-50 before the smaller one, the first by id among equals. */
export async function storedDetector(store: ModelStore): Promise<string | null> {
  const found = (await store.list()).filter(({ task }) => task === 'detector');
  const best = found.find(({ architecture }) => architecture === 'retinaface/resnet50') ?? found[0];
  return best === undefined ? null : store.pathOf(best);
}

export const noRetinaFace = (): LensError =>
  new LensError('model', 'RetinaFace was asked for, but its weights are not in the model store.', {
    fix: 'Run `inference-lens models download retinaface-resnet50`, or import a file you have.',
  });
