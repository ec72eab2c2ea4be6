/** A network as the runtime optimized it, on disk: loaded again, it needs no optimizing, and its weights are mapped, not copied. */
import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { appendFile, open, readFile, stat, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { LensError, asLensError } from '../errors';
import type { Model } from '../onnx/model';
import { readModel } from '../onnx/read';
import { encodeModel } from '../onnx/write';
import { both } from '../system/both';
import { once } from '../system/once';
import { runtimeVersion } from './devices';
import type { LateConstant } from './late-constants';
import { withConstants, writeConstants } from './late-constants';
import { inRunOrder } from './run-order';
import type { RuntimeOptions } from './onnxruntime';
import type { Optimizer } from './session-thread';
import { ownThread } from './session-thread';
import type { Provider, SessionOptions } from './session';

const GRAPH = 'optimized.onnx';
const WEIGHTS = 'optimized.onnx.data';
/** Constants that the runtime has not seen while it optimized. */
const LATE = 'late.data';
const SEAL = 'seal.json';

/** Smaller constants stay in the graph's file, where shape inference reads them. */
const EXTERNAL_OVER = '1024';

/** What was written: enough to notice, in a millisecond or two, that a file was cut, emptied or overwritten. */
interface Seal {
  readonly graph: { readonly bytes: number; readonly sha256: string };
  /** Null where no constant is large enough for a file of its own. */
  readonly weights: SealedData | null;
  /** Null where the runtime has seen every constant. */
  readonly late: SealedData | null;
}

interface SealedData {
  readonly bytes: number;
  readonly samples: string;
}

/**
 * Only the CPU's: other providers compile for their device while they load, and copy the weights there.
 */
export const keepsOptimized = (provider: Provider): boolean => provider === 'cpu';

/**
 * What an optimized network depends on besides the network: part of the key that it is cached under. The CPU
 * counts because layouts are chosen for its vector width.
 */
export const optimizedFor = (provider: Provider): string =>
  JSON.stringify([provider, runtimeVersion(), process.arch, process.platform, cpuModel()]);

/** Model name and, where the system lists them, features: virtual machines of the same model may differ in these. */
const cpuModel = once((): string => {
  const features = /^(?:flags|Features)\s*:(.*)$/m.exec(startOf('/proc/cpuinfo'))?.[1];
  return `${cpus()[0]?.model ?? ''}${features ?? ''}`;
});

/** The first CPU's lines: the file is long where there are many. */
function startOf(path: string): string {
  try {
    const file = openSync(path, 'r');
    try {
      const buffer = Buffer.alloc(16384);
      return buffer.toString('utf8', 0, readSync(file, buffer));
    } finally {
      closeSync(file);
    }
  } catch {
    return ''; // not Linux
  }
}

export interface SavingOptions extends SessionOptions {
  /** Optimizers that the network does not need, of `idleOptimizers`, and those of `wrongOptimizers`. */
  readonly without?: readonly string[];
  /** Inputs of the network that are constants of the optimized one: they are computed and written in this thread meanwhile. */
  readonly late?: readonly LateConstant[];
}

/**
 * Optimizes the network at `model` and writes what comes of it to `folder`.
 * @param finish rewrites what the runtime has made of it; constants in the weights file stay where they are
 * @param optimizer where the runtime works
 * @throws LensError of kind `model` if the runtime refuses the network; the system's own error, such as ENOSPC, if it cannot be written
 */
export async function saveOptimized(
  model: string,
  folder: string,
  { without, late = [], ...options }: SavingOptions,
  finish: (optimized: Model) => Model = (optimized) => optimized,
  optimizer: Optimizer = ownThread,
): Promise<void> {
  const config = {
    'session.disable_prepacking': '1', // nothing is run: packing belongs to the session that loads what is written
    'session.optimized_model_external_initializers_file_name': WEIGHTS,
    'session.optimized_model_external_initializers_min_size_in_bytes': EXTERNAL_OVER,
    ...(without === undefined ? {} : { 'optimization.disable_specified_optimizers': without.join(';') }),
  };
  const saving: RuntimeOptions = { ...options, config, optimizedModelPath: join(folder, GRAPH) };
  try {
    await both(optimizer.optimize(model, saving), writeConstants(late, join(folder, LATE)));
    const graph = join(folder, GRAPH);
    const optimized = withConstants(await readModel(graph), late, LATE);
    await writeFile(graph, encodeModel(inRunOrder(finish(optimized))));
    await writeFile(join(folder, SEAL), JSON.stringify(await look(folder)));
  } catch (thrown) {
    throw await withDisk(folder, thrown);
  }
}

/** Bytes that a full disk does not take. */
const ROOM = 1 << 20;

/**
 * The runtime does not say that the disk is full, so more is written to the files that it wrote: what the system says to that,
 * the cache puts into words.
 */
async function withDisk(folder: string, thrown: unknown): Promise<unknown> {
  if (asLensError(thrown).kind !== 'model') return thrown;
  try {
    for (const name of [WEIGHTS, GRAPH]) await appendFile(join(folder, name), Buffer.alloc(ROOM));
    return thrown;
  } catch (full) {
    return full;
  }
}

/** How to open what is in `folder`. */
export const optimizedModel = (folder: string): { modelPath: string; optimization: 'disabled' } => ({
  modelPath: join(folder, GRAPH),
  optimization: 'disabled',
});

/**
 * Compares an entry with its seal: both lengths, all of the graph, and SAMPLES pages of the weights, spread evenly.
 * @throws LensError of kind `model` if a file is not what was written
 */
export async function checkOptimized(folder: string): Promise<void> {
  const expected = await readFile(join(folder, SEAL), 'utf8');
  const found = JSON.stringify(await look(folder));
  if (found !== expected)
    throw new LensError('model', `${folder}: expected the optimized network ${expected}, found ${found}.`);
}

async function look(folder: string): Promise<Seal> {
  const graph = await readFile(join(folder, GRAPH));
  return {
    graph: { bytes: graph.length, sha256: createHash('sha256').update(graph).digest('hex') },
    weights: await lookAt(join(folder, WEIGHTS)),
    late: await lookAt(join(folder, LATE)),
  };
}

async function lookAt(path: string): Promise<SealedData | null> {
  const data = await stat(path).catch(() => null);
  return data === null ? null : { bytes: data.size, samples: await sampled(path, data.size) };
}

const SAMPLES = 64;
const PAGE = 4096;

/** sha256 of pages at even distances, the first and the last among them. */
async function sampled(path: string, bytes: number): Promise<string> {
  const pages = Math.max(1, Math.ceil(bytes / PAGE));
  const count = Math.min(SAMPLES, pages);
  const file = await open(path);
  try {
    const read = Array.from({ length: count }, (_, i) =>
      pageAt(file, count === 1 ? 0 : Math.floor((i * (pages - 1)) / (count - 1))),
    );
    const hash = createHash('sha256');
    for (const page of await Promise.all(read)) hash.update(page);
    return hash.digest('hex');
  } finally {
    await file.close();
  }
}

async function pageAt(file: FileHandle, index: number): Promise<Uint8Array> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(PAGE), 0, PAGE, index * PAGE);
  return buffer.subarray(0, bytesRead);
}
