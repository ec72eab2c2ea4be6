/**
 * From the faces of a video to one score, of the probabilities p of one class:
 *     sbi  = mean over frames of (max over the frame's faces of p)     (SBI's inference, github.com/mapooon/SelfBlendedImages)
 *     mean = mean over all faces of all frames of p
 * Frames without a face, or without a verdict, count in neither.
 */
import type { VideoSummary } from '../../../../protocol/evaluation';
import type { Moment, Row, TableHead } from '../row';

/** Most probabilities that are held, 64 MB; beyond that a video has no score. */
const MOST_HELD = 16_000_000;
const MOST_STRONGEST = 12;

interface Face {
  readonly path: string;
  readonly time: number;
  readonly track: number | null;
  readonly row: number;
  readonly box: Moment['box'];
  readonly probabilities: Float64Array;
}

export interface Point {
  readonly time: number;
  readonly score: number;
}

export interface VideoFound {
  readonly summary: VideoSummary;
  /** By track, from 1; null if no faces are looked for. */
  readonly lines: ReadonlyMap<number | null, readonly Point[]>;
  /** Times of frames without a score. */
  readonly empty: readonly number[];
}

/** Below the evaluation's folder. @param time seconds */
export const frameFile = (time: number): string => `frames/${Number(time.toFixed(6))}.png`;

export class VideoScores {
  private readonly faces: Face[] = [];
  private readonly times = new Set<number>();
  private readonly scored = new Set<number>();
  private held = 0;

  constructor(private readonly head: TableHead) {}

  add({ path, index: row, moment, probabilities }: Row): void {
    if (moment === undefined) return;
    this.times.add(moment.time);
    if (probabilities === null || !probabilities.every(Number.isFinite)) return;
    this.scored.add(moment.time);
    this.held += probabilities.length;
    if (this.held > MOST_HELD) return;
    this.faces.push({
      path,
      time: moment.time,
      track: moment.face,
      row,
      box: moment.box,
      probabilities: Float64Array.from(probabilities),
    });
  }

  /** Null if this is not a video. */
  found(): VideoFound | null {
    const { video } = this.head;
    if (video === undefined) return null;
    const faces = this.held > MOST_HELD ? [] : this.faces;
    const { index, why } = this.chosen(faces);
    const of = (face: Face): number => face.probabilities[index] ?? NaN;
    const best = new Map<number, number>();
    const lines = new Map<number | null, Point[]>();
    for (const face of faces) {
      best.set(face.time, Math.max(best.get(face.time) ?? -Infinity, of(face)));
      const line = lines.get(face.track) ?? [];
      lines.set(face.track, line);
      line.push({ time: face.time, score: of(face) });
    }
    const scores = { sbi: mean([...best.values()]), mean: mean(faces.map(of)) };
    const strongest = faces
      .map((face) => ({
        ...{ path: face.path, time: face.time, face: face.track, score: of(face) },
        ...{ row: face.row, box: face.box, file: frameFile(face.time) },
      }))
      .sort((a, b) => b.score - a.score || a.time - b.time)
      .slice(0, MOST_STRONGEST);
    return {
      summary: {
        duration: video.duration,
        every: video.every,
        frames: this.times.size,
        without: this.times.size - this.scored.size,
        faces: faces.length,
        tracks: [...lines.keys()].filter((track) => track !== null).length,
        ...{ scored: this.head.classes[index] ?? String(index), why, aggregate: video.aggregate, scores },
        ...{ score: scores[video.aggregate], strongest },
      },
      lines,
      empty: [...this.times].filter((time) => !this.scored.has(time)),
    };
  }

  /** The class whose probability is the score, and why it is that one. */
  private chosen(faces: readonly Face[]): { readonly index: number; readonly why: string } {
    const { classes, target } = this.head;
    const asked = classes.indexOf(target);
    if (asked >= 0) return { index: asked, why: 'the target' };
    if (classes.length === 2) return { index: 1, why: 'the second of two classes' };
    const means = classes.map(
      (_, index) => mean(faces.map(({ probabilities }) => probabilities[index] ?? NaN)) ?? 0,
    );
    return { index: Math.max(0, means.indexOf(Math.max(...means))), why: 'the largest mean over the video' };
  }
}

/** Null for no values. */
const mean = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
