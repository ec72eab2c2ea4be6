/** The face detectors' networks ready to load: that of the model store, if there is one, and BlazeFace. */
import type { RetinaFaceVariantId } from '../../architectures/retinaface-variants';
import { blazefaceSha256 } from '../../detection/blazeface-file';
import { LensError } from '../../errors';
import type { FolderCache } from '../../system/cache';
import type { SessionOptions } from '../../runtime/session';
import type { ModelCard } from '../../store/card';
import { readCards } from '../../store/card';
import { blobName } from '../../store/entry';
import type { ModelStore } from '../../store/store';
import type { CachedGraph } from '../network/cached-graph';
import { graphKey, cachedGraph } from '../network/cached-graph';

export interface StoredDetector {
  readonly path: string;
  /** Of all its files. */
  readonly sha256: string;
}

/**
 * The RetinaFace weights: ResNet-50 before the smaller one, the first by id among equals. Null where there are none.
 * @throws LensError of kind `model` where there are some that are broken: another detector would find other faces
 */
export async function storedDetector(store: ModelStore): Promise<StoredDetector | null> {
  const broken: { readonly error: LensError; readonly task: ModelCard['task'] | null }[] = [];
  const models = await store.list((error, { id, task }) => {
    broken.push({ error, task: task ?? readCards().find((card) => card.id === id)?.task ?? null });
  });
  const found = models.filter(({ task }) => task === 'detector');
  // A record without a task matters only if it may be the detector that is missing.
  const missed = broken.find(({ task }) => task === 'detector' || (task === null && found.length === 0));
  if (missed !== undefined) throw brokenDetector(missed.error);
  const best = found.find(({ architecture }) => architecture === 'retinaface/resnet50') ?? found[0];
  return best === undefined ? null : { path: store.pathOf(best), sha256: blobName(best.files) };
}

const brokenDetector = (error: LensError): LensError =>
  new LensError('model', `The face detector of the model store cannot be used: ${error.message}`, {
    cause: error,
    fix: `${error.fix ?? ''} BlazeFace finds faces without it.`.trim(),
    remedies: [...error.remedies, 'other-detector'],
  });

/** What a report says about the network. */
export interface AboutDetector {
  readonly variant: RetinaFaceVariantId;
  readonly notes: readonly string[];
}

/** Reads the weights and builds the network only where the cache has none. @throws LensError of kind `model` or `output` */
export function prepareDetector(
  { path, sha256 }: StoredDetector,
  cache: FolderCache,
  session: SessionOptions,
): Promise<CachedGraph<AboutDetector>> {
  return cachedGraph(cache, graphKey(['detector', sha256], session), session, async () => {
    const { readRetinaFace } = await import('../../detection/retinaface');
    const { model, variant, notes } = await readRetinaFace(path);
    return { model, about: { variant: variant.id, notes } };
  });
}

/** BlazeFace, converted only if it is not cached. @throws LensError of kind `model` or `output` */
export const prepareBlazeFace = (cache: FolderCache, session: SessionOptions): Promise<CachedGraph<null>> =>
  cachedGraph(cache, graphKey(['blazeface', blazefaceSha256.full_range], session), session, async () => ({
    model: await (await import('../../detection/blazeface-model')).readBlazeFace(),
    about: null,
  }));

export const noRetinaFace = (): LensError =>
  new LensError('model', 'RetinaFace was requested, but its weights are not in the model store.', {
    remedies: [{ do: 'download-model', id: 'retinaface-resnet50' }, 'import-file'],
  });
