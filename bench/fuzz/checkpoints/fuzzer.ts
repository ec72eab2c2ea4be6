/** Opens broken checkpoints and reads all of their tensors. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CheckpointError } from '../../../server/src/checkpoints/error';
import { FileSource } from '../../../server/src/checkpoints/file';
import { openCheckpoint } from '../../../server/src/checkpoints/open';
import { ZipArchive } from '../../../server/src/checkpoints/zip/archive';
import type { Fuzzer, Outcome } from '../kind';
import type { Sample } from './mutate';
import { makeCase } from './mutate';

const fixtures = join(__dirname, '..', '..', '..', 'test', 'fixtures', 'checkpoints');

export async function openCheckpointFuzzer(): Promise<Fuzzer> {
  const samples = await loadSamples();
  return {
    make(random, folder) {
      const { sample, bytes } = makeCase(samples, random);
      const path = join(folder, 'case');
      writeFileSync(path, bytes);
      return Promise.resolve({ sample: sample.name, path });
    },
    attempt: ({ path }) => attempt(path),
  };
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
  return samples;
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
    .replace(
      /\b(would run|holds an object of|file that begins with|calls) [^;]*?( when opened|;|,|$)/,
      '$1 ...$2',
    )
    .replace(/CRC-32 is \w+; its directory says \w+/, 'CRC-32 is #; its directory says #')
    .replace(/0x[0-9a-f]{2}/g, '0x##')
    .replace(/(?<![\w-])-?\d[\d.e+]*/g, '#')
    .replace(/\(#(, #)*\)/g, '(#)');
}
