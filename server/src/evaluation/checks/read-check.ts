/** Reads a file with expectations: a test file (`*.check.json`), or a lens with `expect`. */
import { dirname, isAbsolute, join } from 'node:path';
import { isInside, resolvedIn } from '../../../../files/inside';
import type { CheckFile, Expect } from '../../../../protocol/expect';
import { LensError } from '../../errors';
import { readLens } from '../../lens/lens-file';
import type { ParsedLens } from '../../lens/parse';
import type { Region } from '../heat';
import { checkOf, isLensFile, readCheckText } from './check-text';

export interface Check {
  readonly file: string;
  readonly expect: Expect;
  readonly at: ParsedLens['at'];
  /** Absolute paths, or names; null where the file has none. */
  readonly set: string | null;
  readonly labels: string | null;
  readonly lens: string | null;
  readonly weights: string | null;
  readonly baseline: string | null;
  /** Layers that have to be measured. */
  readonly layers: readonly string[];
  readonly attentionBox: Region | null;
  /** Folder of masks; null for none. */
  readonly masks: string | null;
}

/**
 * Files that it names have to be below its own folder.
 * @param file absolute
 * @throws LensError of kind `usage` with line and column
 */
export async function readCheck(file: string): Promise<Check> {
  if (isLensFile(file)) {
    const { lens, at } = await readLens(file);
    if (lens.expect !== undefined) {
      const { set, labels } = lens.expect;
      const pictures = { ...(set === undefined ? {} : { set }), ...(labels === undefined ? {} : { labels }) };
      return completed({ expect: lens.expect, ...pictures }, file, at, ['expect', 'set']);
    }
    throw new LensError(
      'usage',
      `${file}: expected a lens that says what is expected, found one without "expect".`,
      {
        fix: 'For example: "expect": { "accuracy": { "least": 0.9 } }',
      },
    );
  }
  const { value, placeOf } = checkOf(await readCheckText(file), file);
  return completed(value, file, placeOf, ['set']);
}

/** @param setAt where in the file its pictures are named */
async function completed(
  given: CheckFile,
  file: string,
  at: ParsedLens['at'],
  setAt: readonly string[],
): Promise<Check> {
  const { expect, set, labels, weights } = given;
  const below = async (text: string | null | undefined, ...path: readonly string[]): Promise<string | null> =>
    text === null || text === undefined ? null : pathBelow(dirname(file), text, at(...path));
  const attention = expect.attention ?? [];
  const named = given.lens ?? null;
  const isPath = (text: string): boolean => /[/\\:]|\.[a-z0-9]+$/i.test(text);
  return {
    ...{ file, expect, at },
    set: await below(set, ...setAt),
    labels: labels ?? null,
    lens: isLensFile(file) ? file : named !== null && isPath(named) ? await below(named, 'lens') : named,
    weights: weights !== undefined && isPath(weights) ? await below(weights, 'weights') : (weights ?? null),
    baseline: await below(expect.baseline?.rows, 'expect', 'baseline', 'rows'),
    layers: [...new Set([...attention.map(({ layer }) => layer), ...(expect.healthy ?? [])])],
    attentionBox: boxOf(attention, at),
    masks: await below(expect.masks, 'expect', 'masks'),
  };
}

/** Resolves a relative path with `/` that stays below the folder, links resolved. @throws LensError of kind `usage` */
async function pathBelow(folder: string, text: string, at: string): Promise<string> {
  const path = join(folder, text);
  const isOutside =
    isAbsolute(text) || /^[A-Za-z]:/.test(text) || text.includes('\\') || !isInside(path, folder);
  const place = await resolvedIn(folder, path).catch(() => null); // what is not there is for its reader to report
  if (!isOutside && place?.isBelow !== false) return path;
  throw new LensError(
    'usage',
    `${at}: expected a path with / below the file's own folder, found ${JSON.stringify(text)}.`,
    {
      fix: 'A test file may name only what is in its own folder or below; move the test file further up.',
    },
  );
}

/** One box for each file: rows have room for one. */
function boxOf(attention: NonNullable<Expect['attention']>, at: ParsedLens['at']): Region | null {
  let found: readonly number[] | null = null;
  for (const [index, { in: place, box }] of attention.entries()) {
    const refuse = (expected: string): LensError =>
      new LensError('usage', `${at('expect', 'attention', index)}: expected ${expected}.`);
    if ((place === 'box') !== (box !== undefined))
      throw refuse('"box" with "in": "box", and with nothing else');
    if (box === undefined) continue;
    const [x0 = NaN, y0 = NaN, x1 = NaN, y1 = NaN] = box;
    if (!(x0 < x1 && y0 < y1)) throw refuse('a box x0, y0, x1, y1 with x0 < x1 and y0 < y1');
    if (found !== null && box.some((value, i) => value !== found?.[i]))
      throw refuse('one box for all expectations of a file');
    found = box;
  }
  return found as Region | null;
}
