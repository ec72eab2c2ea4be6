/** A graph on disk in the form that loads fastest, with its facts: made once for each key. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { asLensError, throwIfAborted } from '../../errors';
import type { Model } from '../../onnx/model';
import { writeModel } from '../../onnx/write';
import type { FolderCache } from '../../system/cache';
import type { LateConstant } from '../../runtime/late-constants';
import { idleOptimizers } from '../../runtime/idle-optimizers';
import { wrongOptimizers } from '../../runtime/wrong-optimizers';
import type { OptimizationLevel } from '../../runtime/optimization-level';
import { levelFor } from '../../runtime/optimization-level';
import {
  checkOptimized,
  keepsOptimized,
  optimizedFor,
  optimizedModel,
  saveOptimized,
} from '../../runtime/optimized';
import { buildId } from '../../system/paths';
import { inRunOrder, inSortingOrder } from '../../runtime/run-order';
import type { SessionOptions } from '../../runtime/session';
import type { Optimizer } from '../../runtime/session-thread';

export interface CachedGraph<About> {
  readonly key: string;
  readonly modelPath: string;
  /** How the session has to be opened. */
  readonly optimization: OptimizationLevel;
  readonly about: About;
}

/** A cache entry before it is written; `about` goes through JSON. */
export interface MadeGraph<About> {
  readonly model: Model;
  readonly about: About;
  /** The highest optimization level for the runtime; `all` changes layouts, in time quadratic in the nodes. */
  readonly optimization?: 'extended' | 'all';
  /** Where the optimized form is cached: the model that the runtime optimizes, without constants that it need not see. */
  readonly apart?: (model: Model) => { readonly model: Model; readonly late: readonly LateConstant[] };
  /** Rewrites the optimized form of `model`, where that is cached. */
  readonly finish?: (optimized: Model) => Model;
  /** Where the runtime optimizes it; a thread of its own if left out. */
  readonly optimizer?: Optimizer;
}

const MODEL = 'graph.onnx';
const ABOUT = 'about.json';
/** How much the runtime is to optimize `MODEL`. */
const LEVEL = 'optimization';

/** Days without use after which an entry is removed. */
const KEEP_DAYS = 30;

/**
 * Every version of the code has entries of its own, of up to 240 MB for EfficientNet-B5: once a newer version has made the same one, that of
 * an older version stays only while it is still in use.
 */
const KEEP_SUPERSEDED_DAYS = 1;

/**
 * The cache key of a graph: its identity, runtime and CPU where the optimized form is cached, and this code.
 * @param identity what the graph is made from, as JSON
 * @param session what it is for; null caches it as it was built
 */
export function graphKey(identity: readonly unknown[], session: SessionOptions | null): string {
  const form = formFor(session);
  const of = createHash('sha256')
    .update(JSON.stringify([...identity, form]))
    .digest('hex');
  return `${of.slice(0, KEY_OF)}-${buildId()}`;
}

/** In which form a graph is kept: each kind of device has an explain graph of its own. */
function formFor(session: SessionOptions | null): string {
  if (session === null) return 'graph';
  return keepsOptimized(session.provider) ? optimizedFor(session.provider) : `graph for ${session.provider}`;
}

/** Leading characters of a key that identify the graph. */
const KEY_OF = 32;

/**
 * Calls `make` only where the cache has no sound entry of `key`.
 * @throws LensError of kind `model` or `output`, and whatever `make` throws
 */
export async function cachedGraph<About>(
  cache: FolderCache,
  key: string,
  session: SessionOptions | null,
  make: () => Promise<MadeGraph<About>>,
  signal?: AbortSignal,
): Promise<CachedGraph<About>> {
  let sealed = false;
  const fill = async (place: string): Promise<void> => {
    await cache.prune(KEEP_DAYS);
    await cache.prune(KEEP_SUPERSEDED_DAYS, { concerns: (other) => supersedes(key, other) });
    const made = await make();
    await writeFile(join(place, ABOUT), JSON.stringify(made.about));
    const kept = session !== null && keepsOptimized(session.provider);
    if (!kept || !(await optimize(place, session, made, signal))) await keepAsBuilt(place, made);
    throwIfAborted(signal);
    sealed = true;
  };
  throwIfAborted(signal);
  const folder = await cache.folder(key, fill);
  try {
    return await opened(key, folder, sealed);
  } catch {
    await cache.remove(key); // damaged: rebuild once; a second failure is an error
    return opened(key, await cache.folder(key, fill));
  }
}

/** Whether both keys are of the same network, by different versions of the code. */
const supersedes = (key: string, other: string): boolean =>
  other !== key && other.slice(0, KEY_OF + 1) === key.slice(0, KEY_OF + 1);

/** False where the runtime cannot: not every graph can be serialized; if it cannot be loaded either, loading says why. */
async function optimize(
  place: string,
  session: SessionOptions,
  { model, apart, finish, optimizer, optimization = 'all' }: MadeGraph<unknown>,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const { model: seen, late } = apart?.(model) ?? { model, late: [] };
  const sorted = inSortingOrder(seen);
  await writeModel(sorted, join(place, MODEL));
  throwIfAborted(signal);
  try {
    const without = [...idleOptimizers(sorted.graph), ...wrongOptimizers(sorted.graph)];
    const options = { ...session, optimization: levelFor(sorted, optimization), without, late };
    await saveOptimized(join(place, MODEL), place, options, finish, optimizer);
    return true;
  } catch (thrown) {
    if (asLensError(thrown).kind !== 'model') throw thrown;
    return false;
  } finally {
    await rm(join(place, MODEL), { force: true });
    await rm(join(place, `${MODEL}.data`), { force: true });
  }
}

/** The runtime then optimizes it each time it is loaded. */
async function keepAsBuilt(
  place: string,
  { model, optimization = 'all' }: MadeGraph<unknown>,
): Promise<void> {
  const ordered = inRunOrder(model);
  await writeModel(ordered, join(place, MODEL));
  await writeFile(join(place, LEVEL), levelFor(ordered, optimization));
}

/** @param sealed whether it was written just now: its seal was made of what would be read again */
async function opened<About>(key: string, folder: string, sealed = false): Promise<CachedGraph<About>> {
  const about = JSON.parse(await readFile(join(folder, ABOUT), 'utf8')) as About;
  const modelPath = join(folder, MODEL);
  if (existsSync(modelPath)) {
    const optimization = (await readFile(join(folder, LEVEL), 'utf8')) as OptimizationLevel;
    return { key, modelPath, optimization, about };
  }
  if (!sealed) await checkOptimized(folder);
  return { key, ...optimizedModel(folder), about };
}
