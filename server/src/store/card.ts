/** Model cards: what this project knows of published weights; read from models/cards. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { LensError } from '../errors';
import { projectRoot } from '../system/paths';

export interface ModelCard {
  readonly id: string;
  readonly task: 'classifier' | 'detector';
  readonly title: string;
  /** An id of the architecture registry. */
  readonly architecture: string;
  /** The pipeline whose default these weights are once they are in the store. */
  readonly pipeline: string | null;
  readonly input: readonly number[] | null;
  /** The page that publishes the weights. */
  readonly source: string;
  /** Where the file itself can be had without a person; null where that is impossible. */
  readonly url: string | null;
  /** Of the file, in full; null where the publisher states none. */
  readonly sha256: string | null;
  /** The first digits of the sha256, where only those are published (PyTorch puts them into file names). */
  readonly sha256Prefix?: string;
  /** No download of it is larger; absent where nothing is known of its size. */
  readonly maxBytes?: number;
  /** Names under which the file is known. */
  readonly fileNames: readonly string[];
  readonly license: string;
  /** What to do by hand where there is no `url`. */
  readonly byHand: string | null;
}

export function readCards(folder: string = join(projectRoot(), 'models', 'cards')): readonly ModelCard[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as ModelCard);
}

/** @throws LensError of kind `usage` if there is no such card */
export function findCard(id: string, cards: readonly ModelCard[]): ModelCard {
  const card = cards.find((candidate) => candidate.id === id);
  if (card !== undefined) return card;
  throw new LensError('usage', `There is no model card "${id}".`, {
    fix: `Cards are ${cards.map((other) => other.id).join(', ')}.`,
  });
}

/** What decides which card a file belongs to. */
export interface FileFacts {
  readonly sha256: string;
  readonly fileName: string;
  readonly architecture: string;
}

/**
 * The card that a file belongs to: by checksum where the card has one, else by name and architecture, since names such
 * as `best_model.tar` are everywhere.
 */
export function cardOfFile(
  { sha256, fileName, architecture }: FileFacts,
  cards: readonly ModelCard[],
): ModelCard | null {
  const matches = (card: ModelCard): boolean => {
    if (card.sha256 !== null) return card.sha256 === sha256;
    if (card.sha256Prefix !== undefined) return sha256.startsWith(card.sha256Prefix);
    return card.fileNames.includes(fileName) && card.architecture === architecture;
  };
  return cards.find(matches) ?? null;
}
