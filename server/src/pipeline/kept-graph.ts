/** A graph on disk in the form in which it loads fastest, with what is known of it: made once for each key. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { asLensError, throwIfAborted } from '../errors';
import type { Model } from '../onnx/model';
import { writeModel } from '../onnx/write';
import type { FolderCache } from '../runtime/cache';
import {
  checkOptimised,
  keepsOptimised,
  optimisedFor,
  optimisedModel,
  saveOptimised,
} from '../runtime/optimised';
import { buildId } from '../runtime/paths';
import type { SessionOptions } from '../runtime/session';

export interface KeptGraph<About> {
  readonly key: string;
  readonly modelPath: string;
  /** How the session has to be opened. */
  readonly optimization: NonNullable<SessionOptions['optimization']>;
  readonly about: About;
}

/** What is kept; `about` goes through JSON. */
export interface MadeGraph<About> {
  readonly model: Model;
  readonly about: About;
  /** Rewrites what the runtime has made of `model`, where that is kept. */
  readonly finish?: (optimised: Model) => Model;
}

const MODEL = 'graph.onnx';
const ABOUT = 'about.json';

/** Without use, in days. */
const KEEP_DAYS = 30;

/**
 * Every version of the code has entries of its own, of up to 240 MB for EfficientNet-B5: once a newer one has made the same, that of
 * a version that is still in use beside it stays, and no other.
 */
const KEEP_SUPERSEDED_DAYS = 1;

/**
 * The cache's key of a graph: what it is of, where the optimised form is kept with runtime and processor, and this code.
 * @param identity what the graph is made from, as JSON
 * @param session what it is for; null keeps it as it was built
 */
export function graphKey(identity: readonly unknown[], session: SessionOptions | null): string {
  const form =
    session !== null && keepsOptimised(session.provider) ? optimisedFor(session.provider) : 'graph';
  const of = createHash('sha256')
    .update(JSON.stringify([...identity, form]))
    .digest('hex');
  return `${of.slice(0, KEY_OF)}-${buildId()}`;
}

/** Letters of a key that say what the graph is of. */
const KEY_OF = 32;

/**
 * Calls `make` only where the cache has no sound entry of `key`.
 * @throws LensError of kind `model` or `output`, and whatever `make` throws
 */
export async function keptGraph<About>(
  cache: FolderCache,
  key: string,
  session: SessionOptions | null,
  make: () => Promise<MadeGraph<About>>,
  signal?: AbortSignal,
): Promise<KeptGraph<About>> {
  const fill = async (place: string): Promise<void> => {
    await cache.prune(KEEP_DAYS);
    await cache.prune(KEEP_SUPERSEDED_DAYS, { concerns: (other) => supersedes(key, other) });
    const { model, about, finish } = await make();
    await writeModel(model, join(place, MODEL));
    await writeFile(join(place, ABOUT), JSON.stringify(about));
    throwIfAborted(signal);
    if (session !== null && keepsOptimised(session.provider)) await optimise(place, session, finish);
    throwIfAborted(signal);
  };
  throwIfAborted(signal);
  const folder = await cache.folder(key, fill);
  try {
    return await opened(key, folder);
  } catch {
    await cache.remove(key); // damaged: made once more, and whatever is wrong then is an error
    return opened(key, await cache.folder(key, fill));
  }
}

/** Whether both are of the same network, by different versions of the code. */
const supersedes = (key: string, other: string): boolean =>
  other !== key && other.slice(0, KEY_OF + 1) === key.slice(0, KEY_OF + 1);

/** The optimised network takes the place of the graph that it was made from. */
async function optimise(
  place: string,
  session: SessionOptions,
  finish: MadeGraph<unknown>['finish'],
): Promise<void> {
  try {
    await saveOptimised(join(place, MODEL), place, session, finish);
  } catch (thrown) {
    if (asLensError(thrown).kind !== 'model') throw thrown;
    return; // not every graph can be written again; if it cannot be loaded either, loading says why
  }
  await rm(join(place, MODEL));
  await rm(join(place, `${MODEL}.data`), { force: true });
}

async function opened<About>(key: string, folder: string): Promise<KeptGraph<About>> {
  const about = JSON.parse(await readFile(join(folder, ABOUT), 'utf8')) as About;
  const modelPath = join(folder, MODEL);
  if (existsSync(modelPath)) return { key, modelPath, optimization: 'all', about };
  await checkOptimised(folder);
  return { key, ...optimisedModel(folder), about };
}
