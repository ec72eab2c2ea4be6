/** The options of a video: which frames are analyzed, and how they become one score. */
import { basename, extname } from 'node:path';
import { LensError } from '../../errors';

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

/** Seconds between the frames that are analyzed. @param duration null if unknown */
export function spacingOf({ every, most }: VideoRequest, duration: number | null): number {
  return duration === null ? every : Math.max(every, every === 0 ? 0 : duration / most);
}

/** Where a queue was asked for. */
export const oneMachine = (source: string): LensError =>
  new LensError(
    'usage',
    `${basename(source)} is a video: a queue divides sets, and a video is evaluated by one machine.`,
    {
      fix: 'Evaluate it without the queue.',
    },
  );
