/** The options of `evaluate` that apply only to a video. */
import { LensError } from '../errors';
import {
  AGGREGATES,
  VIDEO_DEFAULTS,
  isVideo,
  oneMachine,
  type VideoRequest,
} from '../evaluation/video/video-request';
import { textOf, wholeNumber, type OwnOption } from './own-options';

export const VIDEO_OPTIONS = {
  every: {
    value: '<seconds>',
    help: 'of a video: looks at the first frame of every interval of this length, at every frame with 0; default: 0.5',
  },
  fps: { value: '<n>', help: 'of a video: frames per second that are looked at, instead of --every' },
  frames: {
    value: '<n>',
    help: 'of a video: the most frames that are looked at, spread evenly over it, 1 to 1000000; default: 1000',
  },
  aggregate: {
    value: '<name>',
    help: 'of a video: how its score comes from those of its faces: sbi, the mean over frames of the largest over faces, or mean, over all faces; default: sbi',
  },
} as const satisfies Readonly<Record<string, OwnOption>>;

const NAMES = [
  'every',
  'fps',
  'frames',
  'aggregate',
] as const satisfies readonly (keyof typeof VIDEO_OPTIONS)[];

/** @returns null of what is not a video @throws LensError of kind `usage` */
export function videoOptions(source: string, values: Readonly<Record<string, unknown>>): VideoRequest | null {
  const [every, fps, frames, aggregate] = NAMES.map((name) => textOf(values, name));
  if (!isVideo(source)) {
    const given = NAMES.find((name) => values[name] !== undefined);
    if (given === undefined) return null;
    throw new LensError(
      'usage',
      `--${given} applies to videos, and ${source} does not have the name of one.`,
      {
        fix: 'Leave it out.',
      },
    );
  }
  if (values['queue'] !== undefined) throw oneMachine(source);
  if (every != null && fps != null) {
    throw new LensError('usage', '--every and --fps both say which frames are looked at.', {
      fix: 'Leave one of them out.',
    });
  }
  const how = AGGREGATES.find((name) => name === (aggregate ?? VIDEO_DEFAULTS.aggregate));
  if (how === undefined) {
    throw new LensError(
      'usage',
      `--aggregate expects ${AGGREGATES.join(' or ')}; found "${aggregate ?? ''}".`,
      {
        fix: 'Leave it out for sbi.',
      },
    );
  }
  return {
    every:
      every != null
        ? real('every', every, 0)
        : fps != null
          ? 1 / real('fps', fps, 0.001)
          : VIDEO_DEFAULTS.every,
    most:
      frames == null ? VIDEO_DEFAULTS.most : wholeNumber('frames', 'a whole number', frames, 1, 1_000_000),
    aggregate: how,
  };
}

function real(option: string, text: string, least: number): number {
  const value = /^\d{1,6}(\.\d{1,6})?$/.test(text) ? Number(text) : NaN;
  if (value >= least) return value;
  throw new LensError('usage', `--${option} expects a number from ${least}; found "${text}".`, {
    fix: `For example --${option} 1.`,
  });
}
