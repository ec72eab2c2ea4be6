/** The process that opens broken files, one after the other, and tells its parent how each ended. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CheckpointError } from '../../server/src/checkpoints/error';
import { FileSource } from '../../server/src/checkpoints/file';
import { openCheckpoint } from '../../server/src/checkpoints/open';
import { ZipArchive } from '../../server/src/checkpoints/zip/archive';
import { makeCase } from './mutate';
import type { Sample } from './mutate';
import { Random } from './random';

/** From parent to worker: which cases to run. */
export interface Work {
  readonly seed: number;
  readonly first: number;
  readonly end: number;
}

/** From worker to parent: before and after each case. */
export type Progress =
  | { readonly kind: 'started'; readonly index: number }
  | {
      readonly kind: 'ended';
      readonly index: number;
      readonly sample: string;
      readonly outcome: string;
      /** True where something other than a CheckpointError was thrown, or a tensor has the wrong length. */
      readonly broken: boolean;
      /** Processor time of this case, in seconds. */
      readonly seconds: number;
      /** Largest resident set of this process so far, in bytes. */
      readonly peakBytes: number;
    };

const fixtures = join(__dirname, '..', '..', 'test', 'fixtures', 'checkpoints');

/** The fixtures, good and hostile, in the order of their names. */
export async function loadSamples(): Promise<Sample[]> {
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

/** Opens the file and reads every tensor. What is not "read" or a CheckpointError's reason is a defect. */
async function attempt(path: string): Promise<{ outcome: string; broken: boolean }> {
  try {
    const checkpoint = await openCheckpoint(path);
    try {
      for (const [name, info] of checkpoint.stateDict) {
        const values = await checkpoint.readFloat32(name);
        if (values.length !== info.parameters) {
          return {
            outcome: `${name} has ${values.length} values instead of ${info.parameters}`,
            broken: true,
          };
        }
      }
    } finally {
      await checkpoint.close();
    }
    return { outcome: 'read', broken: false };
  } catch (error) {
    if (error instanceof CheckpointError) return { outcome: general(error.reason), broken: false };
    return { outcome: error instanceof Error ? (error.stack ?? error.message) : String(error), broken: true };
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

async function run({ seed, first, end }: Work): Promise<void> {
  const samples = await loadSamples();
  const folder = mkdtempSync(join(tmpdir(), 'lens-fuzz-'));
  try {
    for (let index = first; index < end; index++) {
      tell({ kind: 'started', index });
      const { sample, bytes } = makeCase(samples, new Random(seed, index));
      const path = join(folder, 'case');
      writeFileSync(path, bytes);
      const before = process.cpuUsage();
      const result = await attempt(path);
      const { user, system } = process.cpuUsage(before);
      tell({
        kind: 'ended',
        index,
        sample: sample.name,
        ...result,
        seconds: (user + system) / 1e6,
        peakBytes: process.resourceUsage().maxRSS * 1024,
      });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function tell(progress: Progress): void {
  process.send?.(progress);
}

if (process.send) {
  process.once('message', (work: Work) => {
    run(work).then(
      () => process.disconnect(),
      (error: unknown) => {
        process.stderr.write(`${String(error)}\n`);
        process.exit(1);
      },
    );
  });
}
