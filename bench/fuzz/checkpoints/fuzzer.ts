/** Opens broken checkpoints and reads all of their tensors. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { recognize } from '../../../server/src/architectures/recognize';
import { fromTensorSource } from '../../../server/src/architectures/state-dict';
import type { Checkpoint } from '../../../server/src/checkpoints/checkpoint';
import { CheckpointError } from '../../../server/src/checkpoints/error';
import { FileSource } from '../../../server/src/checkpoints/file';
import { openCheckpoint } from '../../../server/src/checkpoints/open';
import { LensError } from '../../../server/src/errors';
import { ZipArchive } from '../../../server/src/checkpoints/zip/archive';
import type { Case, Fuzzer, Outcome } from '../kind';
import type { Random } from '../random';
import type { Sample } from './mutate';
import { makeCase, mutated } from './mutate';

const fixtures = join(__dirname, '..', '..', '..', 'test', 'fixtures', 'checkpoints');
const parts = join(__dirname, '..', '..', '..', 'test', 'fixtures', 'parts');

/** One case of so many is a checkpoint in several files, of which one is broken. */
const SEVERAL_FILES = 8;

export async function openCheckpointFuzzer(): Promise<Fuzzer> {
  const samples = await loadSamples();
  const shards = readdirSync(parts).filter((name) => /^(model|pytorch_model)/.test(name));
  return {
    make(random, folder) {
      if (random.below(SEVERAL_FILES) === 0)
        return Promise.resolve(breakOnePart(shards, samples, random, folder));
      const { sample, bytes } = makeCase(samples, random);
      const path = join(folder, 'case');
      writeFileSync(path, bytes);
      return Promise.resolve({ sample: sample.name, path });
    },
    attempt: ({ path }) => attempt(path),
  };
}

/** The folder of all parts is opened by one of its indexes. */
function breakOnePart(
  shards: readonly string[],
  samples: readonly Sample[],
  random: Random,
  folder: string,
): Case {
  const broken = random.pick(shards);
  for (const name of shards) {
    const bytes = readFileSync(join(parts, name));
    writeFileSync(join(folder, name), name === broken ? mutated(bytes, random, samples) : bytes);
  }
  const index = broken.startsWith('model') ? 'model.safetensors.index.json' : 'pytorch_model.bin.index.json';
  return { sample: broken, path: join(folder, index) };
}

/** The fixtures, good and hostile, in the order of their names. */
async function loadSamples(): Promise<Sample[]> {
  const golden = JSON.parse(readFileSync(join(fixtures, 'golden.json'), 'utf8')) as { files: object };
  const samples: Sample[] = [];
  for (const name of readdirSync(fixtures).sort()) {
    if (name === 'golden.json') continue;
    const path = join(fixtures, name);
    const readable = Object.hasOwn(golden.files, name);
    samples.push({ name, bytes: readFileSync(path), readable, members: await membersOf(path) });
  }
  const objects = join(parts, 'objects.pth');
  const bytes = readFileSync(objects);
  return [...samples, { name: 'objects.pth', bytes, readable: true, members: await membersOf(objects) }];
}

async function membersOf(path: string): Promise<(readonly [string, Buffer])[]> {
  const source = await FileSource.open(path);
  try {
    const archive = await ZipArchive.open(source);
    const members: (readonly [string, Buffer])[] = [];
    for (const [name, entry] of archive.entries) {
      members.push([name, await (await archive.member(entry)).read(0, entry.size)]);
    }
    return members;
  } catch {
    return []; // Not a zip.
  } finally {
    await source.close();
  }
}

/** Tells the network from the names, which a broken file chooses; only an error meant for users may come of it. */
function recognizeAnything(path: string, checkpoint: Checkpoint): void {
  try {
    recognize(fromTensorSource(checkpoint), { source: path });
  } catch (error) {
    if (!(error instanceof LensError)) throw error;
  }
}

/** What is not "read" or a CheckpointError's reason is a defect. */
async function attempt(path: string): Promise<Outcome> {
  try {
    const checkpoint = await openCheckpoint(path);
    try {
      for (const [name, info] of checkpoint.stateDict) {
        const values = await checkpoint.readFloat32(name);
        if (values.length === info.parameters) continue;
        const outcome = `${name} has ${values.length} values instead of ${info.parameters}`;
        return { outcome, accepted: true, broken: true };
      }
      recognizeAnything(path, checkpoint);
    } finally {
      await checkpoint.close();
    }
    return { outcome: 'read', accepted: true, broken: false };
  } catch (error) {
    if (!(error instanceof CheckpointError)) throw error;
    return { outcome: general(error.reason), accepted: false, broken: false };
  }
}

/** The reason without what differs from case to case. */
function general(reason: string): string {
  return reason
    .replace(/"(?:[^"\\]|\\.)*"/g, '"..."')
    .replace(/\b(would run|holds an object of|begins with|calls) [^;]*?( when opened|;|,|$)/, '$1 ...$2')
    .replace(/CRC-32 is \w+; its directory says \w+/, 'CRC-32 is #; its directory says #')
    .replace(/0x[0-9a-f]{2}/g, '0x##')
    .replace(/(?<![\w-])-?\d[\d.e+]*/g, '#')
    .replace(/\(#(, #)*\)/g, '(#)');
}
