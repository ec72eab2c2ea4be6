/** Fetches one file over HTTP: resumes what was cut, follows redirects, gives up on silence, never trusts a length. */
import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { mkdir, open, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { EnvHttpProxyAgent } from 'undici';
import { LensError, cancelled, throwIfAborted } from '../errors';
import { RedirectRefused, get } from '../system/http-get';

export interface DownloadOptions {
  readonly signal?: AbortSignal;
  /** Bytes so far, and of how many where the server says. */
  readonly progress?: (done: number, total: number | null) => void;
  /** Milliseconds without a byte after which a connection counts as dead. */
  readonly stallMs?: number;
  /** How often a cut or silent connection is retried. */
  readonly retries?: number;
  /** A file of more bytes is refused, announced or not: without a limit a server decides how full the disk gets. */
  readonly maxBytes?: number;
}

/** Where nothing is known of a file: more than any model that this program reads. */
const MAX_BYTES = 8e9;

/** A connection that broke: worth another try. Everything else ends the download. */
class Interrupted extends Error {}

/** The server's validator from the first response, so that a resumed download is of the same file. */
interface Validator {
  readonly url: string;
  readonly value: string | null;
}

/**
 * Downloads `url` to `path`, resuming what an earlier attempt left there. Proxies are taken from HTTP_PROXY,
 * HTTPS_PROXY and NO_PROXY. The partial file stays after an interruption, so that the next call resumes.
 * @returns the file's sha256 in hex
 * @throws LensError: `model` (server, network), `output` (disk), `cancelled`
 */
export async function downloadFile(
  url: string,
  path: string,
  options: DownloadOptions = {},
): Promise<string> {
  const { signal, retries = 4 } = options;
  const { EnvHttpProxyAgent } = await import('../system/http-client'); // which only downloads are to wait for
  const agent = new EnvHttpProxyAgent();
  try {
    await mkdir(dirname(path), { recursive: true });
    for (let attempt = 0; ; attempt++) {
      try {
        await fetchRest(url, path, agent, options);
        break;
      } catch (thrown) {
        throwIfAborted(signal);
        if (!(thrown instanceof Interrupted)) throw thrown;
        if (attempt >= retries) throw gaveUp(url, thrown, attempt + 1);
      }
    }
    return await sha256Of(path);
  } catch (thrown) {
    throw diskError(thrown, path);
  } finally {
    await agent.close();
  }
}

async function fetchRest(
  url: string,
  path: string,
  agent: EnvHttpProxyAgent,
  options: DownloadOptions,
): Promise<void> {
  const { signal, progress, stallMs = 30_000, maxBytes = MAX_BYTES } = options;
  const file = await open(path, 'a');
  try {
    let at = (await file.stat()).size;
    const known = at > 0 ? await readValidator(path, url) : null;
    if (at > 0 && known === null) at = await startOver(file);
    const response = await getFile(
      url,
      agent,
      stallMs,
      signal,
      at > 0 ? { range: `bytes=${at}-`, 'if-range': known ?? '' } : {},
    );
    const { statusCode, headers, body } = response;
    // An error before the first read must not be unhandled; the loop below receives it again.
    body.on('error', () => undefined);
    const resumed =
      statusCode === 206 && header(headers, 'content-range')?.startsWith(`bytes ${at}-`) === true;
    if (statusCode !== 200 && !resumed) {
      await body.dump();
      if (statusCode === 416 || statusCode === 206) {
        await startOver(file);
        throw new Interrupted(`the server answered ${statusCode} to a request for the rest`);
      }
      throw statusError(url, statusCode);
    }
    if (!resumed) at = await startOver(file);
    await writeValidator(path, { url, value: strongValidator(headers) });
    const length = Number(header(headers, 'content-length') ?? NaN);
    const total = Number.isFinite(length) ? at + length : null;
    try {
      if (total !== null && total > maxBytes) throw tooLarge(url, maxBytes, total);
      for await (const chunk of body as AsyncIterable<Buffer>) {
        throwIfAborted(signal);
        if (at + chunk.length > maxBytes) throw tooLarge(url, maxBytes, null);
        await file.appendFile(chunk);
        at += chunk.length;
        progress?.(at, total);
      }
    } catch (thrown) {
      throwIfAborted(signal);
      if (thrown instanceof LensError) {
        body.destroy();
        await startOver(file); // nothing of it is worth resuming
      }
      throw networkError(thrown);
    }
    if (total !== null && at !== total)
      throw new Interrupted(`the connection ended after ${at} of ${total} bytes`);
    await rm(validatorPath(path), { force: true });
  } finally {
    await file.close();
  }
}

/** @throws LensError where a redirect is not followed, Interrupted where the network fails */
async function getFile(
  url: string,
  dispatcher: EnvHttpProxyAgent,
  silentMs: number,
  signal: AbortSignal | undefined,
  headers: Readonly<Record<string, string>>,
) {
  try {
    return await get(url, {
      ...{ dispatcher, silentMs, signal },
      headers: { ...headers, 'accept-encoding': 'identity', 'user-agent': 'inference-lens' },
    });
  } catch (thrown) {
    if (signal?.aborted === true) throw cancelled(thrown);
    if (!(thrown instanceof RedirectRefused)) throw networkError(thrown);
    throw new LensError('model', `${url} ${thrown.message}.`, {
      fix: 'Download the file in a browser and check it.',
      remedies: ['import-file'],
    });
  }
}

type Headers = Readonly<Record<string, string | string[] | undefined>>;

function header(headers: Headers, name: string): string | null {
  const value = headers[name];
  return (Array.isArray(value) ? value[0] : value) ?? null;
}

/** Only a strong ETag or a date promises that the rest belongs to the same bytes (RFC 9110, 13.1.5). */
function strongValidator(headers: Headers): string | null {
  const etag = header(headers, 'etag');
  return etag !== null && !etag.startsWith('W/') ? etag : header(headers, 'last-modified');
}

const validatorPath = (path: string): string => `${path}.resume.json`;

const writeValidator = (path: string, validator: Validator): Promise<void> =>
  writeFile(validatorPath(path), JSON.stringify(validator));

async function readValidator(path: string, url: string): Promise<string | null> {
  try {
    const found = JSON.parse(await readFile(validatorPath(path), 'utf8')) as Partial<Validator>;
    return found.url === url ? (found.value ?? null) : null;
  } catch {
    return null;
  }
}

async function startOver(file: FileHandle): Promise<number> {
  await file.truncate(0);
  return 0;
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  const file = await open(path, 'r');
  try {
    for await (const chunk of file.createReadStream({ highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>)
      hash.update(chunk);
  } finally {
    await file.close();
  }
  return hash.digest('hex');
}

/** Disk errors of our own writes are passed on; anything else that breaks a body is a network error. */
function networkError(thrown: unknown): unknown {
  const { code = '', message } = thrown as NodeJS.ErrnoException;
  if (thrown instanceof LensError || diskCodes.includes(code)) return thrown;
  const silent = code === 'UND_ERR_BODY_TIMEOUT' || code === 'UND_ERR_HEADERS_TIMEOUT';
  return new Interrupted(silent ? 'the server stopped sending' : message === '' ? code : message, {
    cause: thrown,
  });
}

const diskCodes: readonly string[] = [
  'ENOSPC',
  'EDQUOT',
  'EACCES',
  'EPERM',
  'EROFS',
  'EFBIG',
  'ENOTDIR',
  'EEXIST',
];

/** A refusal of the file system in words; everything else as it is. */
export function diskError(thrown: unknown, path: string): unknown {
  const { code, message } = thrown as NodeJS.ErrnoException;
  if (thrown instanceof LensError || code === undefined || !diskCodes.includes(code)) return thrown;
  return new LensError('output', `${path} cannot be written: ${message}.`, {
    cause: thrown,
    fix: 'Free some space, or set INFERENCE_LENS_CACHE to a folder with room.',
  });
}

function statusError(url: string, status: number): LensError {
  const gone = status === 404 || status === 410;
  return new LensError('model', `${url}: the server answered ${status}${gone ? ' (not there)' : ''}.`, {
    fix: gone
      ? 'The file has moved: look at the source page of the model card, and import the file by hand.'
      : 'Try again later, or download the file in a browser and import it.',
  });
}

/** @param total what the server announced; null where it just went on sending */
function tooLarge(url: string, maxBytes: number, total: number | null): LensError {
  const found = total === null ? 'more' : `${(total / 1e6).toFixed(1)} MB`;
  return new LensError(
    'model',
    `${url} is too large: expected at most ${(maxBytes / 1e6).toFixed(1)} MB, found ${found}. Nothing was saved.`,
    {
      fix: 'Look at the page that publishes the file; if it really is that large, download it in a browser.',
      remedies: ['import-file'],
    },
  );
}

function gaveUp(url: string, reason: Error, tries: number): LensError {
  return new LensError('model', `${url} could not be downloaded in ${tries} tries: ${reason.message}.`, {
    cause: reason,
    fix: 'Check the network and the proxy (HTTPS_PROXY); the next download continues where this one stopped.',
  });
}
