/** Fetches pictures that a manifest names by address, such as an object store's presigned URLs, into temporary files. */
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { LensError, throwIfAborted } from '../errors';
import type { EnvHttpProxyAgent } from '../system/http-client';
import { RedirectRefused, get } from '../system/http-get';

export const isAddress = (text: string): boolean => /^https?:\/\//i.test(text);

/** An address as tables and messages show it, without its signature or credentials. */
export function shownAddress(address: string): string {
  const { origin, pathname } = new URL(address);
  return `${origin}${pathname}`;
}

export interface FetchedPicture {
  readonly file: string;
  remove(): Promise<void>;
}

const MOST_BYTES = 512 * 2 ** 20;
const SILENT_MS = 30_000;
/** Delays before another try where the network or the server failed. */
const DELAYS_MS = [1000, 2000, 4000];

/** A failure that is worth another try. */
class Passing extends Error {}

/** @throws LensError of kind `image` */
export async function fetchPicture(address: string, signal?: AbortSignal): Promise<FetchedPicture> {
  const folder = await mkdtemp(join(tmpdir(), 'inference-lens-picture-'));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  const file = join(folder, 'picture');
  try {
    for (let attempt = 0; ; attempt++) {
      try {
        await fetchOnce(address, file, signal);
        return { file, remove };
      } catch (thrown) {
        throwIfAborted(signal);
        const delay = DELAYS_MS[attempt];
        if (!(thrown instanceof Passing)) throw thrown;
        if (delay === undefined)
          throw failed(
            address,
            `could not be fetched: ${thrown.message}`,
            'Check the network and the server.',
          );
        await sleep(delay, undefined, { signal }).catch(() => throwIfAborted(signal));
      }
    }
  } catch (thrown) {
    await remove();
    throw thrown;
  }
}

async function fetchOnce(address: string, file: string, signal: AbortSignal | undefined): Promise<void> {
  const { statusCode, body } = await get(address, {
    ...{ dispatcher: await sharedAgent(), silentMs: SILENT_MS, signal },
  }).catch((thrown: unknown) => {
    if (thrown instanceof RedirectRefused)
      throw failed(address, thrown.message, 'Put the address that it redirects to into the manifest.');
    throw new Passing(thrown instanceof Error ? thrown.message : String(thrown));
  });
  if (statusCode === 200) {
    await pipeline(body, bounded(address), createWriteStream(file)).catch((thrown: unknown) => {
      throw thrown instanceof LensError ? thrown : new Passing(String(thrown));
    });
    return;
  }
  await body.dump();
  if (statusCode >= 500 || statusCode === 429) throw new Passing(`HTTP ${statusCode}`);
  throw failed(address, `expected a picture, found HTTP ${statusCode}`, 'A signed address may have expired.');
}

let agent: Promise<EnvHttpProxyAgent> | undefined;

/** One agent for all pictures, so that connections to a server are reused; they keep no process alive. */
const sharedAgent = (): Promise<EnvHttpProxyAgent> =>
  (agent ??= import('../system/http-client').then(({ EnvHttpProxyAgent: Agent }) => new Agent()));

function bounded(address: string): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _, done) {
      bytes += chunk.length;
      if (bytes <= MOST_BYTES) done(null, chunk);
      else
        done(
          failed(
            address,
            `too large: more than ${MOST_BYTES} bytes`,
            'Check the address: pictures are smaller than that.',
          ),
        );
    },
  });
}

const failed = (address: string, problem: string, fix: string): LensError =>
  new LensError('image', `${shownAddress(address)}: ${problem}.`, { fix });
