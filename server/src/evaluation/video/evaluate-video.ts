/** One video through a network: frames as displayed, faces tracked from frame to frame, a row for every face. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { LensError } from '../../errors';
import { asLensError, LensError as Refusal, throwIfAborted } from '../../errors';
import type { Frame } from '../../imaging/video/frames';
import { framesOf } from '../../imaging/video/frames';
import type { VideoFacts } from '../../imaging/video/probe';
import { probeVideo } from '../../imaging/video/probe';
import { findPrograms, ON_PATH, type Programs } from '../../imaging/video/programs';
import { BatchWeights } from '../../pipeline/network/batch-weights';
import type { Workbench } from '../../pipeline/workbench/workbench';
import { outputError } from '../../report/output-error';
import type { PartHead } from '../head';
import { FILES, Place, stampLine } from '../place';
import type { Moment, Row } from '../row';
import { placeOf } from '../run-file';
import type { EvaluationHooks, EvaluationRequest, FinishedEvaluation } from '../request';
import type { Subject } from '../subject';
import { openSubject } from '../subject';
import type { Journal } from '../table/journal';
import { failedRow, rowOf } from '../verdict';
import type { Observer } from '../write-table';
import { writeTable } from '../write-table';
import { VIDEO_DEFAULTS, frameCount, spacingOf, type VideoRequest } from './video-request';
import { frameStamp, resumeVideo, type Resumed } from './resume-video';
import { withFrames } from './strongest';
import type { Tracks } from './tracks';

/** Most faces of one frame, the largest: more are a crowd, in which faces cannot be tracked. */
const MOST_FACES = 16;

export interface Video {
  readonly path: string;
  readonly facts: VideoFacts;
  readonly programs: Programs;
  /** Seconds between frames. */
  readonly every: number;
  readonly request: VideoRequest;
}

/** @throws LensError */
export async function evaluateVideo(
  request: EvaluationRequest,
  bench: Workbench,
  observe: (part: PartHead) => Observer,
  hooks: EvaluationHooks = {},
): Promise<FinishedEvaluation> {
  requireVideoRequest(request);
  const { signal } = hooks;
  const video = await openVideo(request, hooks);
  const weights = new BatchWeights();
  const subject = await openSubject(video.path, request.options, bench, {
    ...{ weights, trusted: hooks.trusted !== false, allowHuge: request.allowHuge },
    ...(signal === undefined ? {} : { signal }),
  });
  try {
    for (const { message } of subject.warnings) hooks.note?.(message);
    const part: PartHead = { head: await headOf(video, subject, request, signal), shard: null };
    const place = new Place(request.output, part);
    const compute = (): Promise<void> => fill({ video, subject, place, part, request, observe, hooks });
    const wasThere = await place.alone(request.replace, compute, hooks);
    const change = await weights.change();
    if (change !== null) hooks.note?.(change);
    return { folder: place.final, head: part.head, wasThere };
  } finally {
    subject.done();
  }
}

/** Refuses options of sets that do not apply to videos. */
function requireVideoRequest({ shard, attentionMask, set }: EvaluationRequest): void {
  const refused = [
    [shard !== null, 'parts of a set', 'a shard'],
    [attentionMask !== null, 'pictures', 'a mask for each'],
    [set.labels !== null && set.labels !== 'none', 'sets', 'labels'],
  ] as const;
  const found = refused.find(([applies]) => applies);
  if (found === undefined) return;
  throw new Refusal('usage', `${basename(set.source)} is a video: ${found[2]} is for ${found[1]}.`, {
    fix: 'Sets of pictures, folders and manifests, take them.',
  });
}

async function openVideo(
  { set, options, video: request = VIDEO_DEFAULTS }: EvaluationRequest,
  { note, signal }: EvaluationHooks,
): Promise<Video> {
  const programs = await findPrograms(options.ffmpeg ?? ON_PATH);
  const facts = await probeVideo(set.source, programs, signal);
  const every = spacingOf(request, facts);
  const name = basename(set.source);
  if (every > request.every)
    note?.(
      `${name} has more than ${request.most} such frames: one every ${seconds(every)} s is looked at, over the whole video.`,
    );
  if (Math.abs(facts.pixelAspect - 1) > 0.01)
    note?.(
      `${name} has pixels that are not square (${facts.pixelAspect.toFixed(3)}): frames are used as they are stored, so they look squashed.`,
    );
  return { path: set.source, facts, programs, every, request };
}

async function headOf(
  video: Video,
  subject: Subject,
  { attentionBox }: EvaluationRequest,
  signal?: AbortSignal,
): Promise<PartHead['head']> {
  const {
    facts,
    every,
    request: { aggregate, most },
  } = video;
  const { duration } = facts;
  const sha256 = await hashOf(video.path, signal);
  const count = frameCount(every, most, facts);
  return {
    ...subject.head,
    ...{ attentionBox, attentionMask: false, labelled: false, set: { count, sha256 } },
    video: { sha256, duration, every, most, aggregate },
  };
}

async function hashOf(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  try {
    await pipeline(
      createReadStream(path, { highWaterMark: 1 << 20 }),
      hash,
      ...(signal === undefined ? [] : [{ signal }]),
    );
  } catch (thrown) {
    throwIfAborted(signal);
    throw new Refusal('image', `${path} cannot be read: ${String(thrown)}.`, {
      fix: 'Check the disk that it lies on.',
      cause: thrown,
    });
  }
  return hash.digest('hex');
}

interface Filling {
  readonly video: Video;
  readonly subject: Subject;
  readonly place: Place;
  readonly part: PartHead;
  readonly request: EvaluationRequest;
  readonly observe: (part: PartHead) => Observer;
  readonly hooks: EvaluationHooks;
}

async function fill(filling: Filling): Promise<void> {
  const { video, place, part, request, hooks } = filling;
  const good = await resumeVideo(place, request.replace).catch((thrown: unknown) => {
    throw outputError(place.partial, thrown);
  });
  hooks.begin?.(part.head.set.count, good.frames, part.head);
  const path = join(place.partial, FILES.rows);
  const journal = await place.journal(good).catch((thrown: unknown) => {
    throw outputError(path, thrown);
  });
  try {
    await computeRows(filling, journal, good);
  } finally {
    await journal.close();
  }
  const where = placeOf(
    { source: video.path, root: dirname(video.path), entries: [], labelsGuessed: false },
    request.options,
  );
  const observer = withFrames(video, filling.observe(part), hooks.signal);
  await writeTable(place, part, path, where, observer, hooks.signal);
}

interface UnderWay {
  readonly row: Promise<Row | LensError>;
  readonly frame: number;
  /** Of its frame. */
  readonly isLast: boolean;
}

async function computeRows(filling: Filling, journal: Journal, good: Resumed): Promise<void> {
  const { video, subject, place, hooks } = filling;
  const wanted = { every: video.every, most: video.request.most, skip: good.frames };
  const frames = framesOf(video.path, video.programs, wanted, hooks.signal);
  const looking = new Looking(filling, good);
  const underWay: UnderWay[] = [];
  const put = async (): Promise<void> => {
    const first = underWay[0];
    const row = await first?.row;
    void underWay.shift();
    if (first === undefined || row === undefined) return;
    if (row instanceof Refusal) throw row;
    try {
      await journal.add(row, stampLine(frameStamp(first.frame)));
    } catch (thrown) {
      throw outputError(place.partial, thrown);
    }
    hooks.row?.(row, first.isLast);
  };
  try {
    let last = good.time;
    for (let frame = good.frames; ; frame++) {
      const next = await frames.next();
      if (next.done === true) {
        if (frame === 0) throw noFrame(video);
        sayEnd(video, last, next.value.damage, hooks);
        break;
      }
      last = next.value.time;
      const rows = await looking.rows(next.value);
      for (const [at, row] of rows.entries()) {
        row.catch(() => undefined);
        underWay.push({
          row: row.catch((thrown: unknown) => asLensError(thrown)),
          ...{ frame, isLast: at === rows.length - 1 },
        });
        while (underWay.length >= subject.underWay) await put();
      }
    }
    while (underWay.length > 0) await put();
  } finally {
    await frames.return({ damage: null });
    await Promise.allSettled(underWay.map(({ row }) => row));
  }
}

/** Notes on what the table cannot show: that the video is damaged, shorter than it says, or has more frames. */
function sayEnd(
  { path, facts: { duration }, every, request }: Video,
  last: number,
  damage: { count: number; first: string } | null,
  { note }: EvaluationHooks,
): void {
  const name = basename(path);
  if (damage !== null)
    note?.(`${name} is damaged: ffmpeg reported ${damage.count} errors, the first: ${damage.first}`);
  if (duration === null) return;
  const missing = duration - last - every;
  if (missing > Math.max(1, duration / 50) && every > 0)
    note?.(
      `${name} says that it lasts ${seconds(duration)} s; the last frame that could be read is at ${seconds(last)} s.`,
    );
  else if (every === 0 && missing > 1)
    note?.(
      `${name} has more frames than ${request.most}: those from ${seconds(last)} s on were not looked at.`,
    );
}

const noFrame = ({ path, programs }: Video): LensError =>
  new Refusal('image', `${basename(path)}: expected a video with frames, but ffmpeg gave none.`, {
    fix: `Check that ${programs.ffmpeg} plays it.`,
  });

const seconds = (value: number): string => String(Number(value.toFixed(3)));

/** From a frame to its rows, in the order of time. */
class Looking {
  private readonly tracks: Tracks;
  private index: number;

  /** @param good what an earlier run has left */
  constructor(
    private readonly filling: Filling,
    good: Resumed,
  ) {
    this.tracks = good.tracks;
    this.index = good.rows;
  }

  /** The pending rows of a frame; one row if no face is found. */
  async rows({ image, time }: Frame): Promise<readonly Promise<Row>[]> {
    const { video, subject, hooks } = this.filling;
    throwIfAborted(hooks.signal);
    const name = `${basename(video.path)}#t=${Number(time.toFixed(6))}`;
    const sha256 = createHash('sha256').update(image.data).digest('hex');
    const picture = { image, sha256, notes: [] };
    const start = () => ({ index: this.index++, path: name, label: null, labelIndex: null });
    const without: Moment = { time, face: null, box: null };
    try {
      const detection = await subject.faces(picture, name);
      const faces = detection.faces.slice(0, MOST_FACES);
      const isWhole = detection.detector.id === 'none';
      const ids = isWhole ? [] : this.tracks.follow(faces.map(({ box }) => box));
      return faces.map(async (face, at) => {
        const moment = isWhole ? without : { time, face: ids[at] ?? null, box: face.box };
        return this.row(start(), moment, () =>
          subject.see(picture, { ...detection, faces: [face] }, undefined),
        );
      });
    } catch (thrown) {
      this.tracks.follow([]); // a frame without a face
      return [this.row(start(), without, () => Promise.reject(asLensError(thrown)))];
    }
  }

  private async row(
    start: Parameters<typeof failedRow>[0],
    moment: Moment,
    look: () => ReturnType<Subject['see']>,
  ): Promise<Row> {
    const { subject, part, request } = this.filling;
    const { classes, threshold } = part.head;
    try {
      const { about } = subject.network.classifier;
      return {
        ...rowOf(start, await look(), { about, classes, threshold, attentionBox: request.attentionBox }),
        moment,
      };
    } catch (thrown) {
      const error = asLensError(thrown);
      if (error.kind !== 'image' && error.kind !== 'usage') throw error;
      return { ...failedRow(start, error.message), moment };
    }
  }
}
