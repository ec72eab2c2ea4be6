/** From a model card to weights in the store: download, check, import; all or nothing. */
import { mkdir, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { LensError } from '../errors';
import { cacheRoot } from '../runtime/paths';
import type { ModelCard } from './card';
import type { DownloadOptions } from './download';
import { downloadFile } from './download';
import type { StoredModel } from './entry';
import type { ModelStore } from './store';

/**
 * @returns the stored model; what is in the store already is not fetched again
 * @throws LensError: `usage` for a card without an address, else as `downloadFile` and `ModelStore.import`
 */
export async function fetchModel(
  card: ModelCard,
  store: ModelStore,
  options: DownloadOptions = {},
  downloads: string = join(cacheRoot(), 'downloads'),
): Promise<StoredModel> {
  if (card.url === null) {
    throw new LensError('usage', `The weights of "${card.id}" cannot be downloaded without a person.`, {
      fix: card.byHand ?? `See ${card.source}.`,
    });
  }
  const present = await store.find(card.id).catch(() => null); // what is broken is fetched anew
  if (present !== null) return present;
  const folder = join(downloads, card.id);
  const partial = join(folder, 'partial');
  await mkdir(folder, { recursive: true });
  const sha256 = await downloadFile(card.url, partial, options);
  const path = join(folder, card.fileNames[0] ?? basename(new URL(card.url).pathname));
  try {
    checkSum(card, sha256, partial);
    await rename(partial, path);
    const { signal } = options;
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
