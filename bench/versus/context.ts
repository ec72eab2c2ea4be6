/** What every comparison with Python shares: interpreter, threads, one image, and a cache folder of its own. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { decodeImage } from '../../server/src/imaging/decode';
import { encodeRgbPng } from '../../server/src/imaging/png/png';
import { resizeRgb } from '../../server/src/imaging/resize';
import { projectRoot } from '../../server/src/system/paths';
import type { Effort } from '../script';
import type { Peer } from '../peer';
import { startPeer } from '../peer';

export interface Context extends Effort {
  readonly python: string;
  readonly threads: number;
  /** Where both sides compute; a GPU's comparisons leave the CPU's alone. */
  readonly device: 'cpu' | 'cuda';
  /** samples/portrait.png, 640x640. */
  readonly sample: string;
  /** The same at the size of the reference report's picture, 879x1047. */
  readonly photo: string;
  /** For INFERENCE_LENS_CACHE: whatever the user has imported plays no part. */
  readonly cache: string;
  /** For reports. */
  readonly output: string;
}

/** The face of samples/portrait.png. */
export const BOX = '205,160,440,445';

export const peerScript = (name: string): string => join(projectRoot(), 'bench', 'peers', `${name}.py`);

export const cli = (): string => join(projectRoot(), 'dist', 'cli.js');

/** Everything made for the comparisons is removed after them. */
export async function withContext<T>(
  given: Pick<Context, 'python' | 'threads' | 'device' | 'repeats' | 'quick'>,
  use: (context: Context) => Promise<T>,
): Promise<T> {
  if (!existsSync(given.python)) {
    throw new Error(
      `${given.python} is missing: bench/peers/README.md says how to make it, or give --python.`,
    );
  }
  const folder = await mkdtemp(join(tmpdir(), 'lens-peers-'));
  try {
    const [cache, output, photo] = ['cache', 'output', 'photo.png'].map((name) => join(folder, name));
    if (cache === undefined || output === undefined || photo === undefined) throw new Error('unreachable');
    await mkdir(output);
    const sample = join(projectRoot(), 'samples', 'portrait.png');
    const { image } = await decodeImage(sample);
    await writeFile(photo, await encodeRgbPng(resizeRgb(image, 879, 1047)));
    return await use({ ...given, sample, photo, cache, output });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Runs one peer for as long as `use` takes. */
export async function withPeers<T>(
  { python, threads, device }: Context,
  wanted: readonly (readonly [script: string, ...args: string[]])[],
  use: (peers: readonly Peer[]) => Promise<T>,
): Promise<T> {
  const peers: Peer[] = [];
  try {
    for (const [script, ...args] of wanted)
      peers.push(
        await startPeer(python, peerScript(script), [
          ...args,
          ...['--threads', String(threads), '--device', device],
        ]),
      );
    return await use(peers);
  } finally {
    for (const peer of peers) peer.stop();
  }
}

/** What check.py prints: how far each peer is from the golden. @throws Error if one is not what it should be */
export async function checkPeers({ python }: Context): Promise<string> {
  const { stdout } = await promisify(execFile)(python, [peerScript('check')]);
  return stdout.trim();
}
