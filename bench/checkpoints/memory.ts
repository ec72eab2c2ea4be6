/**
 * Peak memory of reading two checkpoints, each in a process of its own:
 *  1. 1.2 GB, of which 114 MB are the model (an EfficientNet-B5) and the rest optimizer state, ten more tensors for each
 *     one of the model: every tensor of the model is read. Under 500 MB.
 *  2. A hostile pickle that takes as much as the limits of server/src/checkpoints/pickle/limits.ts let it. Under 512 MiB.
 *
 *     node --import tsx bench/checkpoints/memory.ts
 *
 * Writes both files in a temporary folder, prints the peak resident sets, and exits with 1 if one is over its limit.
 */
import { fork } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CheckpointError } from '../../server/src/checkpoints/error';
import { openCheckpoint } from '../../server/src/checkpoints/open';
import { op } from '../../server/src/checkpoints/pickle/opcodes';
import { p, pickle } from '../../test/support/checkpoints/pickle-writer';
import { stateDictPickle, tensorPickle, torchZip } from '../../test/support/checkpoints/torch-writer';
import type { TensorRecipe } from '../../test/support/checkpoints/torch-writer';
import { ZipWriter } from '../../test/support/checkpoints/zip-writer';

const limitBytes = 500e6;
const hostileLimitBytes = 512 * 2 ** 20;
const fileBytes = 1.2e9;

/** Shapes as in EfficientNet-B5: 28.5 million parameters, most in 1x1 convolutions of some 10^5 to 10^6. */
const shapes: readonly (readonly number[])[] = [
  ...Array.from({ length: 13 }, () => [3072, 512, 1, 1]),
  ...Array.from({ length: 24 }, () => [1056, 176, 1, 1]),
  ...Array.from({ length: 60 }, () => [384, 64, 1, 1]),
  ...Array.from({ length: 300 }, () => [1056]),
  [2048, 512, 1, 1],
  [1464, 512, 1, 1],
];

const countOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

interface Summary {
  readonly tensors: number;
  readonly modelBytes: number;
  readonly seconds: number;
  readonly peakBytes: number;
  /** Why nothing was read, or null. */
  readonly refused: string | null;
}

/** Writes model and optimizer storage by storage; returns the bytes of the model. */
function writeCheckpoint(path: string): number {
  const recipes: TensorRecipe[] = [];
  const add = (shape: readonly number[]): TensorRecipe => {
    const recipe = { key: String(recipes.length), storage: countOf(shape), shape };
    recipes.push(recipe);
    return recipe;
  };
  const model = Object.fromEntries(shapes.map((shape, i) => [`net._blocks.${i}.weight`, add(shape)]));
  const modelBytes = 4 * recipes.reduce((sum, recipe) => sum + recipe.storage, 0);
  const copies = Math.round((fileBytes - modelBytes) / modelBytes);
  const state = shapes.map((shape, i) => {
    const moments = Array.from(
      { length: copies },
      (_, copy) => [p.text(`moment_${copy}`), tensorPickle(add(shape))] as const,
    );
    return [p.int(i), p.dict(...moments)] as const;
  });
  const root = p.dict(
    [p.text('model'), stateDictPickle(model)],
    [p.text('optimizer'), p.dict([p.text('state'), p.dict(...state)])],
    [p.text('epoch'), p.int(99)],
  );
  const file = openSync(path, 'w');
  let position = 0;
  const writer = new ZipWriter({
    write: (bytes) => (position += writeSync(file, bytes, 0, bytes.length, position)),
    skip: (length) => (position += length),
  });
  writer.add('best_model/data.pkl', pickle(2, root));
  for (const { key, storage } of recipes) {
    const values = Float32Array.from({ length: storage }, (_, i) => Math.sin(i + Number(key)));
    writer.add(`best_model/data/${key}`, new Uint8Array(values.buffer));
  }
  writer.add('best_model/version', Buffer.from('3\n'));
  writer.finish();
  closeSync(file);
  return modelBytes;
}

/** Half a million dicts that are all kept, nearly as many memo entries, and long strings. */
function writeHostile(path: string): void {
  const repeated = (part: Buffer, times: number): Buffer => Buffer.alloc(part.length * times, part);
  const dict = p.join(p.emptyDict, op.MEMOIZE, op.BININT1, 1, p.none, p.setItem);
  const dicts = p.join(p.emptyList, p.mark, repeated(dict, 499_000), op.APPENDS);
  const items = p.join(p.emptyList, p.mark, repeated(p.none, 400_000), op.APPENDS);
  const text = p.join(op.BINUNICODE, p.u32(14 << 20), Buffer.alloc(14 << 20, 'é'));
  writeFileSync(path, torchZip(p.join(dicts, items, text, text)));
}

async function read(path: string): Promise<Summary> {
  const start = performance.now();
  const result = { tensors: 0, modelBytes: 0, refused: null as string | null };
  try {
    Object.assign(result, await readModel(path));
  } catch (error) {
    if (!(error instanceof CheckpointError)) throw error;
    result.refused = error.reason;
  }
  const seconds = (performance.now() - start) / 1000;
  return { ...result, seconds, peakBytes: process.resourceUsage().maxRSS * 1024 };
}

async function readModel(path: string): Promise<{ tensors: number; modelBytes: number }> {
  const checkpoint = await openCheckpoint(path);
  let modelBytes = 0;
  for (const [name, info] of checkpoint.stateDict) {
    const values = await checkpoint.readFloat32(name);
    if (values.length !== info.parameters) throw new Error(`${name} has ${values.length} values`);
    modelBytes += values.byteLength;
  }
  const tensors = checkpoint.stateDict.size;
  await checkpoint.close();
  return { tensors, modelBytes };
}

function readInChild(path: string): Promise<Summary> {
  return new Promise((resolve, reject) => {
    const child = fork(__filename, ['--read', path]);
    child.once('message', (summary: Summary) => resolve(summary));
    child.once('exit', (code) => reject(new Error(`the reading process ended with code ${code ?? 'none'}`)));
  });
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;

async function main(): Promise<void> {
  const path = process.argv[3];
  if (process.argv[2] === '--read' && path !== undefined) {
    process.send?.(await read(path));
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'lens-memory-'));
  try {
    const file = join(folder, 'best_model.tar');
    writeCheckpoint(file);
    const { tensors, modelBytes, seconds, peakBytes } = await readInChild(file);
    console.log(
      `- checkpoint ${megabytes(statSync(file).size)}, model ${megabytes(modelBytes)} in ${tensors} tensors: ` +
        `read in ${seconds.toFixed(1)} s, peak resident set ${megabytes(peakBytes)} (limit ${megabytes(limitBytes)})`,
    );
    const hostile = join(folder, 'hostile.pth');
    writeHostile(hostile);
    const second = await readInChild(hostile);
    console.log(
      `- hostile pickle ${megabytes(statSync(hostile).size)}: "${second.refused ?? 'read'}" after ` +
        `${second.seconds.toFixed(1)} s, peak resident set ${megabytes(second.peakBytes)} ` +
        `(limit ${megabytes(hostileLimitBytes)})`,
    );
    const failed =
      peakBytes >= limitBytes || second.peakBytes >= hostileLimitBytes || second.refused === null;
    if (failed) process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
