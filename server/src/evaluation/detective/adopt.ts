/** Writes the order of classes that an evaluation found into a lens: only its labels change. */
import { existsSync } from 'node:fs';
import type { AdoptedOrder } from '../../../../protocol/answers';
import { LensError } from '../../errors';
import { labelsOfLens } from '../../lens/lens-labels';
import { lensOf, readText } from '../../lens/lens-file';
import { requireLensName, writeLabels } from '../../pipeline/lens-check/set-labels';
import { readHead } from '../place';
import { noEvaluation, summaryIn } from '../shown/open';

/**
 * @param folder of a finished evaluation
 * @param lens absolute path; a missing one is created with only labels
 * @throws LensError of kind `usage` where the evaluation found no better order, or the lens has other labels than it was made with
 */
export async function adoptOrder(folder: string, lens: string): Promise<AdoptedOrder> {
  const part = await readHead(folder);
  if (part === null) throw noEvaluation(folder);
  const better = (await summaryIn(folder)).order?.better ?? null;
  if (better === null) {
    throw new LensError(
      'usage',
      `${folder}: expected an evaluation that found a better order of the classes, found none.`,
      {
        fix: 'An evaluation finds one only if the classes seem to be in a different order from the one that the network was trained with; nothing needs to change here.',
      },
    );
  }
  requireLensName(lens);
  const isNew = !existsSync(lens);
  const whole = isNew ? null : await readText(lens, true);
  if (whole !== null) await requireSame(whole, lens, part.head.classes, better.labels);
  await writeLabels(lens, whole, better.labels);
  return { lens, isNew, before: part.head.classes, after: better.labels };
}

/** A lens that was changed since, or is of another network, has other labels; adopting twice would undo it. */
async function requireSame(
  text: string,
  path: string,
  classes: readonly string[],
  wanted: readonly string[],
): Promise<void> {
  const labels = (await labelsOfLens(lensOf(text, path), { trusted: true }))?.labels ?? null;
  const equals = (other: readonly string[]): boolean =>
    labels?.length === other.length && labels.every((label, index) => label === other[index]);
  if (labels === null || equals(classes)) return;
  if (equals(wanted))
    throw new LensError('usage', `${path} already has this order of the classes.`, {
      fix: 'Evaluate the set again to see the effect.',
    });
  throw new LensError(
    'usage',
    `${path}: expected the ${classes.length} labels that the evaluation was made with (${few(classes)}), found ${labels.length} others (${few(labels)}).`,
    { fix: 'Evaluate the set again with this lens first.' },
  );
}

const few = (labels: readonly string[]): string =>
  labels.slice(0, 5).join(', ') + (labels.length > 5 ? ', ...' : '');
