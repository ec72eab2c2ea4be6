/** One evaluation: a labeled set through a network, row by row, into a table. */
import { join } from 'node:path';
import { asLensError, cancelled, LensError } from '../errors';
import { BatchWeights } from '../pipeline/network/batch-weights';
import type { Workbench } from '../pipeline/workbench/workbench';
import { outputError } from '../report/output-error';
import { inOrder } from '../system/in-order';
import { changedSince } from './changed-since';
import type { PartHead } from './head';
import { digestOf } from './head';
import type { Entry, PictureSet } from './labels/entry';
import { severalIn } from './labels/several';
import { matchLabels, unknownLabels, unknownSentence } from './labels/match';
import { readSet } from './labels/read-set';
import { rowFor } from './look';
import { FILES, Place, stampLine, stampOf } from './place';
import { maskFile } from './masks';
import { isMissing, Presence } from './presence';
import type { Row } from './row';
import { placeOf } from './run-file';
import { rangeOf } from './shard';
import type { Subject } from './subject';
import { openSubject } from './subject';
import type { Journal } from './table/journal';
import type { RowStart } from './verdict';
import { isVideo } from './video/video-request';
import type { EvaluationHooks, EvaluationRequest, FinishedEvaluation } from './request';
import type { Observer } from './write-table';
import { writeTable } from './write-table';

/**
 * Rows are journaled as they come, so that a run that was interrupted or killed can be resumed.
 * @param observe computes the summary that is written beside the table
 * @param compute makes the rows and the table of them: on this machine, or by a queue (queue/)
 * @throws LensError
 */
export async function evaluate(
  request: EvaluationRequest,
  bench: Workbench,
  observe: (part: PartHead) => Observer,
  hooks: EvaluationHooks = {},
  compute: (filling: Filling) => Promise<void> = fill,
): Promise<FinishedEvaluation> {
  const { signal } = hooks;
  if (isVideo(request.set.source)) {
    const { evaluateVideo } = await import('./video/evaluate-video');
    return evaluateVideo(request, bench, observe, hooks);
  }
  const set = await readSet({ ...request.set, except: request.attentionMask }, signal);
  const weights = new BatchWeights();
  const trusted = hooks.trusted !== false;
  const opened = {
    weights,
    trusted,
    allowHuge: request.allowHuge,
    ...(signal === undefined ? {} : { signal }),
  };
  const subject = await openSubject(set.source, request.options, bench, opened);
  try {
    const { part, indexOf } = partOf(set, subject, request, hooks);
    for (const { message } of subject.warnings) hooks.note?.(message);
    if (set.note !== undefined) hooks.note?.(set.note);
    const place = new Place(request.output, part);
    const filling = { set, subject, place, part, indexOf, request, observe, hooks };
    const wasThere = await place.alone(request.replace, () => compute(filling), hooks);
    const changes = [await weights.change(), wasThere ? await changedSince(place.final, set, signal) : null];
    for (const change of changes) if (change !== null) hooks.note?.(change);
    return { folder: place.final, head: part.head, wasThere };
  } finally {
    subject.done();
  }
}

function partOf(
  set: PictureSet,
  subject: Subject,
  { shard, renamed, attentionBox, attentionMask }: EvaluationRequest,
  hooks: EvaluationHooks,
): { readonly part: PartHead; readonly indexOf: (label: string) => number } {
  const { classes } = subject.head;
  const isMulti = subject.head.kind === 'multi';
  const labels = new Set(
    set.entries.flatMap(({ label }) => (label === null ? [] : isMulti ? severalIn(label) : [label])),
  );
  const { indices, unknown } = matchLabels(labels, classes, renamed);
  if (unknown.length > 0 && !set.labelsGuessed)
    throw severalAtOnce(set, unknown, classes) ?? unknownLabels(unknown, classes, set.source);
  if (unknown.length > 0) {
    hooks.note?.(
      `No metrics: the folders' names were taken for labels, and ${unknownSentence(unknown, classes)} ` +
        'Say which class is meant with --map LABEL=CLASS; --labels folders makes this an error.',
    );
  }
  const labelled = labels.size > 0 && unknown.length === 0;
  const indexOf = (label: string): number => indices.get(label) ?? -1;
  const measured = { attentionBox, attentionMask: attentionMask !== null };
  const several = isMulti && labelled ? { several: Object.fromEntries(indices) } : {};
  const head = { ...subject.head, ...measured, labelled, ...several, set: digestOf(set, indexOf) };
  return { part: { head, shard }, indexOf };
}

/** The error if what is not a class is a list of classes. */
function severalAtOnce(
  { source, entries }: PictureSet,
  unknown: readonly string[],
  classes: readonly string[],
): LensError | null {
  const isSeveral = (label: string): boolean => {
    const parts = severalIn(label);
    return parts.length > 1 && matchLabels(parts, classes).unknown.length === 0;
  };
  const found = unknown.find(isSeveral);
  const picture = entries.find(({ label }) => label === found);
  if (found === undefined || picture === undefined) return null;
  return new LensError(
    'usage',
    `${source}: expected one label for each picture, as the network gives one class to each; found several (${severalIn(found).slice(0, 5).join(', ')}) for ${picture.path}.`,
    {
      fix: 'Take pictures with several labels out of the list: they suit only networks that give every class a probability of its own (sigmoid).',
    },
  );
}

export type { EvaluationHooks, EvaluationRequest, FinishedEvaluation } from './request';

export interface Filling {
  readonly set: PictureSet;
  readonly subject: Subject;
  readonly place: Place;
  readonly part: PartHead;
  readonly indexOf: (label: string) => number;
  readonly request: EvaluationRequest;
  readonly observe: (part: PartHead) => Observer;
  readonly hooks: EvaluationHooks;
}

async function fill(filling: Filling): Promise<void> {
  const { set, place, part, request, hooks } = filling;
  const { from, to } =
    part.shard === null ? { from: 0, to: set.entries.length } : rangeOf(part.shard, set.entries.length);
  const stamp = (row: number): Promise<string | null> => {
    const entry = from + row < to ? set.entries[from + row] : undefined;
    return entry === undefined ? Promise.resolve(null) : stampFor(entry, request);
  };
  const good = await place.resume(request.replace, stamp).catch((thrown: unknown) => {
    throw outputError(place.partial, thrown);
  });
  hooks.begin?.(to - from, good.rows, part.head);
  const path = join(place.partial, FILES.rows);
  const journal = await place.journal(good).catch((thrown: unknown) => {
    throw outputError(path, thrown);
  });
  try {
    await computeRows(filling, from + good.rows, to, journal);
  } finally {
    await journal.close();
  }
  const where = placeOf(set, request.options);
  await writeTable(place, part, path, where, filling.observe(part), hooks.signal);
}

async function computeRows(filling: Filling, from: number, to: number, journal: Journal): Promise<void> {
  const { set, subject, place, part, indexOf, request, hooks } = filling;
  const { attentionBox, attentionMask } = request;
  const hopeless = new AbortController();
  const signal = AbortSignal.any([hopeless.signal, ...(hooks.signal === undefined ? [] : [hooks.signal])]);
  const presence = await Presence.of(set);
  const looking = { root: set.root, subject, head: part.head, attentionBox, attentionMask, signal };
  const work = async (entry: Entry, at: number): Promise<Outcome> => {
    const stamp = await stampFor(entry, filling.request);
    try {
      const row = await rowFor(startOf(entry, from + at, indexOf), entry, looking);
      if (isMissing(row)) await presence.requireSome();
      return { row, stamp };
    } catch (thrown) {
      hopeless.abort();
      return { row: asLensError(thrown), stamp };
    }
  };
  for await (const { row, stamp } of inOrder(set.entries.slice(from, to), subject.underWay, work, signal)) {
    if (row instanceof LensError) throw hooks.signal?.aborted === true ? cancelled(row) : row;
    try {
      await journal.add(row, stampLine(stamp));
    } catch (thrown) {
      throw outputError(place.partial, thrown);
    }
    hooks.row?.(row, true);
  }
  if (hooks.signal?.aborted === true) throw cancelled(hooks.signal.reason);
}

/** @param indexOf a label's class, below 0 for none */
export function startOf({ path, label }: Entry, index: number, indexOf: (label: string) => number): RowStart {
  const known = label === null ? -1 : indexOf(label);
  return { index, path, label, labelIndex: known < 0 ? null : known };
}

/** The stamp of a picture and its mask now; null if the picture is missing. */
async function stampFor({ file, path }: Entry, { attentionMask }: EvaluationRequest): Promise<string | null> {
  const stamp = await stampOf(file);
  if (stamp === null || attentionMask === null) return stamp;
  const mask = await maskFile(attentionMask, path);
  return `${stamp} ${mask === null ? null : await stampOf(mask.file)}`;
}

interface Outcome {
  readonly row: Row | LensError;
  readonly stamp: string | null;
}
