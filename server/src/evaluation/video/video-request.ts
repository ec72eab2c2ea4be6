/** The options of a video: which frames are analyzed, and how they become one score. */
import { basename, extname } from 'node:path';
import { LensError } from '../../errors';
import type { VideoFacts } from '../../imaging/video/probe';

/** SBI's mean over frames of the largest over a frame's faces, or the mean over all faces of all frames. */
export const AGGREGATES = ['sbi', 'mean'] as const;
export type Aggregate = (typeof AGGREGATES)[number];

export interface VideoRequest {
  /** Seconds between frames; 0 for every frame. */
  readonly every: number;
  /** Most frames; if there would be more, this many are spread evenly over the video. */
  readonly most: number;
  readonly aggregate: Aggregate;
}

export const VIDEO_DEFAULTS: VideoRequest = { every: 0.5, most: 1000, aggregate: 'sbi' };

const EXTENSIONS: ReadonlySet<string> = new Set(
  '.mp4 .m4v .mov .mkv .webm .avi .mpg .mpeg .ts .mts .m2ts .wmv .flv .ogv .3gp .3g2 .mxf'.split(' '),
);

export const isVideo = (path: string): boolean => EXTENSIONS.has(extname(path).toLowerCase());

/** Seconds between the frames that are analyzed; 0 for every frame, as long as the file does not count more than may be looked at. */
export function spacingOf(
  { every, most }: VideoRequest,
  { duration, frames }: Pick<VideoFacts, 'duration' | 'frames'>,
): number {
  if (duration === null) return every;
  const isAll = every === 0 && !(frames?.counted === true && frames.count > most);
  return isAll ? 0 : Math.max(every, duration / most);
}

/** How many frames will be analyzed, as far as the file says it: the most that may be where it does not. */
export function frameCount(
  every: number,
  most: number,
  { duration, frames }: Pick<VideoFacts, 'duration' | 'frames'>,
): number {
  const count =
    every === 0 ? frames?.count : duration === null ? undefined : Math.floor(duration / every) + 1;
  return Math.min(most, count ?? most);
}

/** Where a queue was requested. */
export const oneMachine = (source: string): LensError =>
  new LensError(
    'usage',
    `${basename(source)} is a video: a queue divides sets, and a video is evaluated by one machine.`,
    {
      fix: 'Evaluate it without the queue.',
    },
  );
