/** Another id for a model of the store. */
import { LensError } from '../errors';
import type { ModelCard } from './card';
import { checkId, type StoredModel } from './entry';
import type { ModelStore } from './store';

/** @throws LensError of kind `usage` for an id that is none, is taken, or belongs to a card: known weights are found by it */
export async function renameModel(
  store: ModelStore,
  { id, to }: { readonly id: string; readonly to: string },
  cards: readonly ModelCard[],
): Promise<StoredModel> {
  checkId(to);
  const card = cards.find((known) => known.id === id || known.id === to);
  if (card !== undefined)
    throw new LensError(
      'usage',
      `"${id}" cannot be called "${to}": "${card.id}" is the id of ${card.title}.`,
      {
        fix: 'Known weights keep the id of their card; only other weights can be renamed.',
      },
    );
  const present = await store.find(to);
  if (present !== null)
    throw new LensError('usage', `The store's "${to}" is another model (${present.fileName}).`, {
      remedies: ['other-id', { do: 'remove-model', id: to }],
    });
  return store.rewrite(id, { id: to });
}
