/** From a model card to weights in the store: download, check, import; all or nothing. */
import { mkdir, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { LensError } from '../errors';
import { removeAbandoned } from '../system/abandoned';
import type { LockOptions } from '../system/file-lock';
import { removeStaleLocks, withLock } from '../system/file-lock';
import { cacheRoot } from '../system/paths';
import type { ModelCard } from './card';
import type { DownloadOptions } from './download';
import { diskError, downloadFile } from './download';
import type { StoredModel } from './entry';
import type { ModelStore } from './store';

export interface FetchOptions extends DownloadOptions {
  /** Called once if another process is downloading the same model; this one waits for it. */
  readonly waiting?: LockOptions['waiting'];
}

/**
 * One process at a time downloads a card's file; the others wait for it, and find the model in the store. A
 * download that a killed process left is resumed.
 * @returns the stored model; what is in the store already is not fetched again
 * @throws LensError: `usage` for a card without an address, else as `downloadFile` and `ModelStore.import`
 */
export async function fetchModel(
  card: ModelCard,
  store: ModelStore,
  options: FetchOptions = {},
  downloads: string = join(cacheRoot(), 'downloads'),
): Promise<StoredModel> {
  const { url } = card;
  if (url === null) {
    throw new LensError('usage', `The weights of "${card.id}" must be downloaded by hand.`, {
      fix: card.byHand ?? `See ${card.source}.`,
    });
  }
  // A broken file is fetched again.
  const inStore = (): Promise<StoredModel | null> => store.find(card.id).catch(() => null);
  const present = await inStore();
  if (present !== null) return present;
  const folder = join(downloads, card.id);
  try {
    await mkdir(downloads, { recursive: true });
    await removeGivenUp(downloads);
    const download = async () => (await inStore()) ?? downloadInto(folder, { ...card, url }, store, options);
    return await withLock(`${folder}.lock`, download, options);
  } catch (thrown) {
    throw diskError(thrown, folder);
  }
}

const DAY_MS = 86_400_000;

/** A download that nobody has resumed for this long is deleted; one in progress is written to all the time. */
const KEEP_DAYS = 30;

/** Downloads that can be resumed are kept for a time, whichever process began them; locks are left to `file-lock`. */
async function removeGivenUp(downloads: string): Promise<void> {
  await removeStaleLocks(downloads);
  const matches = (name: string): boolean => !/\.lock(\.|$)/.test(name);
  await removeAbandoned(downloads, { matches, writtenFile: 'partial', ownerlessMs: KEEP_DAYS * DAY_MS });
}

async function downloadInto(
  folder: string,
  card: ModelCard & { readonly url: string },
  store: ModelStore,
  options: DownloadOptions,
): Promise<StoredModel> {
  const { signal } = options;
  const partial = join(folder, 'partial');
  const limit = card.maxBytes === undefined ? {} : { maxBytes: card.maxBytes };
  const sha256 = await downloadFile(card.url, partial, { ...options, ...limit });
  const path = join(folder, card.fileNames[0] ?? basename(new URL(card.url).pathname));
  try {
    checkSum(card, sha256, partial);
    await rename(partial, path);
    return await store.import(path, { id: card.id, ...(signal === undefined ? {} : { signal }) });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function checkSum(card: ModelCard, found: string, path: string): void {
  const expected = card.sha256 ?? card.sha256Prefix;
  if (expected === undefined || found.startsWith(expected)) return;
  throw new LensError(
    'model',
    `${card.url ?? path}: expected sha256 ${expected}${card.sha256 === null ? '...' : ''}, found ${found}.`,
    {
      fix: 'The file was changed on its way or at its source; it was deleted. Try again, or ask its publisher.',
    },
  );
}
