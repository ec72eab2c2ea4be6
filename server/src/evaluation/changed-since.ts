/** Whether the pictures of a finished evaluation are still what its rows are of: they are not computed again unless that is requested. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { throwIfAborted } from '../errors';
import { hashImage } from '../imaging/decode';
import { isAddress } from './fetch-picture';
import type { PictureSet } from './labels/entry';
import { FILES } from './place';
import { isMissing } from './presence';
import type { Row } from './row';
import { rowsOf } from './table/journal';

/**
 * Looks at times first, and at the content of the pictures that are newer than the evaluation.
 * @param folder of the evaluation
 * @returns a sentence; null where nothing has changed
 */
export async function changedSince(
  folder: string,
  { entries, root }: PictureSet,
  signal?: AbortSignal,
): Promise<string | null> {
  const path = join(folder, FILES.rows);
  const { mtimeMs } = await stat(path);
  let [changed, gone, first] = [0, 0, ''];
  for await (const row of rowsOf(path)) {
    throwIfAborted(signal);
    const entry = entries[row.index];
    if (entry === undefined || isAddress(entry.file)) continue;
    const state = await stateOf(row, entry.file, mtimeMs, root);
    if (state === 'same') continue;
    if (state === 'gone') gone += 1;
    else changed += 1;
    if (first === '') first = row.path;
  }
  if (changed + gone === 0) return null;
  const counts = [
    ...(changed === 0 ? [] : [`${changed} ${changed === 1 ? 'picture has' : 'pictures have'} changed`]),
    ...(gone === 0 ? [] : [`${gone} ${gone === 1 ? 'picture is' : 'pictures are'} gone`]),
  ];
  return `Since this evaluation ${counts.join(' and ')}; the first is ${first}. Its rows are of what was there then: to evaluate the set as it is now, replace it (--replace on the command line).`;
}

async function stateOf(
  row: Row,
  file: string,
  then: number,
  root: string,
): Promise<'same' | 'changed' | 'gone'> {
  const found = await stat(file).catch(() => null);
  if (found === null) return row.sha256 === null ? 'same' : 'gone';
  if (isMissing(row)) return 'changed';
  if (Math.max(found.mtimeMs, found.ctimeMs) <= then) return 'same';
  return row.sha256 !== null && (await hashImage(file, root).catch(() => null)) === row.sha256
    ? 'same'
    : 'changed';
}
