/** What several writers of one model say differently: the first of them is followed, and the others are named. */
import { checkSteps } from '../../../protocol/check-steps';
import type { LensKey, LensOrigin } from '../../../protocol/lens';
import { listed } from './constraints';
import type { LensSource, StatedValue } from './values';

/** Of one preparation: how pictures are cut out and which range they reach belongs to it, so a later source is not asked. */
export const BELONGS_TO_PREPARATION: ReadonlySet<LensKey> = new Set([
  'detector.use',
  'detector.crop',
  'input.range',
]);

/** Of sources written for this very model, whoever wrote them. */
const WRITTEN: ReadonlySet<LensOrigin> = new Set(['lens', 'beside', 'store', 'metadata', 'files']);

interface Taken {
  readonly key: LensKey;
  readonly stated: StatedValue;
  readonly source: LensSource;
}

/** Whether two writers contradict each other. That there is no face stage follows from steps, and is not a statement of its own. */
export function differs(chosen: Taken, stated: StatedValue, source: LensSource): boolean {
  if (!WRITTEN.has(chosen.source.origin) || !WRITTEN.has(source.origin)) return false;
  if (BELONGS_TO_PREPARATION.has(chosen.key) && source.lens === null) return false;
  return comparable(chosen.key, chosen.stated) !== comparable(chosen.key, stated);
}

/** Steps with their defaults, so that what is written differently may mean the same. */
function comparable(key: LensKey, { value }: StatedValue): string {
  const checked = key === 'preprocess' ? checkSteps(value) : null;
  return JSON.stringify(checked?.ok === true ? checked.steps : value);
}

/** Where a value is, without what was not taken. */
export const placeIn = (detail: string): string => detail.replace(/; not taken[:,].*$/s, '');

/** What a statement that was not taken says, and where. */
export function notTaken({ value, detail }: StatedValue): string {
  const words = typeof value === 'object' ? value : [String(value)];
  return words.every((word) => typeof word === 'string')
    ? `not taken: ${listed(words)}, at ${detail}`
    : `not taken: ${detail}`;
}
