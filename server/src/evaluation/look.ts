/** From one picture of a set to its row, for a single machine or a worker of a queue. */
import { asLensError } from '../errors';
import { fetchPicture, isAddress, type FetchedPicture } from './fetch-picture';
import type { Entry } from './labels/entry';
import type { Region } from './heat';
import { maskFile } from './masks';
import type { Row, TableHead } from './row';
import type { Subject } from './subject';
import { failedRow, rowOf, type RowStart } from './verdict';

export interface Looking {
  /** Folder that all pictures are below. */
  readonly root: string;
  readonly subject: Subject;
  readonly head: Pick<TableHead, 'classes' | 'threshold'>;
  readonly attentionBox: Region | null;
  /** Folder with a mask for each picture; null where none are measured. */
  readonly attentionMask: string | null;
  readonly signal?: AbortSignal;
}

/** @throws LensError for failures that every other picture would share */
export async function rowFor(
  start: RowStart,
  entry: Pick<Entry, 'path' | 'file'>,
  looking: Looking,
): Promise<Row> {
  const { root, subject, attentionBox, attentionMask: masks } = looking;
  const { about } = subject.network.classifier;
  const { classes, threshold } = looking.head;
  let fetched: FetchedPicture | null = null;
  try {
    const mask = masks === null ? undefined : await maskFile(masks, entry.path);
    if (isAddress(entry.file)) fetched = await fetchPicture(entry.file, looking.signal);
    const picture = fetched === null ? { file: entry.file, below: root } : { file: fetched.file };
    const seen = await subject.look(picture, mask);
    return rowOf(start, seen, { about, classes, threshold, attentionBox });
  } catch (thrown) {
    const error = asLensError(thrown);
    if (error.kind !== 'image' && error.kind !== 'usage') throw error;
    return failedRow(start, error.message.replaceAll(fetched?.file ?? entry.file, entry.path));
  } finally {
    await fetched?.remove();
  }
}
