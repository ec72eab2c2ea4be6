/** Cuts a rectangle out: a size, a share of each side, or all but a border. */
import { percentage } from '../../../../../protocol/percentage';
import { LensError } from '../../../errors';
import { roundHalfEven } from '../../../round';
import { moved } from '../placement';
import type { FilledStep } from '../../../../../protocol/steps';
import type { Size, StepContext, StepKind } from '../step';
import { sizeOf } from '../step';
import type { Window } from '../window';
import { windowOf } from '../window';

export const crop: StepKind<'crop', Window> = {
  id: 'crop',
  run(value, config, context) {
    const window = windowFor(value, config, context);
    return {
      value: windowOf(value, window, 'constant', config.fill),
      placement: moved(-window.x, -window.y),
      detail: window,
    };
  },
  facts: ({ before, detail: { x, y, width, height } }) => {
    const kept = overlap(x, width, before.width) * overlap(y, height, before.height);
    return [
      { label: 'Rectangle', value: `${width} x ${height} from (${x}, ${y})` },
      { label: 'Picture kept', value: percentage(kept / (before.width * before.height)) },
    ];
  },
};

const overlap = (start: number, length: number, of: number): number =>
  Math.min(start + length, of) - Math.max(start, 0);

function windowFor(
  { width, height }: Size,
  { size, fraction, border, at, rounding, to }: FilledStep<'crop'>,
  context: StepContext,
): Window {
  if (border !== undefined) return trimmed({ width, height }, border);
  if (fraction !== undefined && to !== 'aspect') {
    // tf.image.central_crop: the first pixel is cut off, and the size follows.
    const [x, y] = [Math.trunc((width - width * fraction) / 2), Math.trunc((height - height * fraction) / 2)];
    return { x, y, width: width - 2 * x, height: height - 2 * y };
  }
  const wanted =
    to === 'aspect'
      ? shareOf(ofAspect({ width, height }, sizeOf(size, context)), fraction ?? 1)
      : sizeOf(size, context);
  const start = (length: number, of: number): number =>
    at === 'top-left' ? 0 : CENTERED[rounding](length, of);
  return { x: start(wanted.width, width), y: start(wanted.height, height), ...wanted };
}

/** The largest part with another's aspect ratio, truncated to whole pixels. */
const ofAspect = ({ width, height }: Size, { width: w, height: h }: Size): Size =>
  width * h > height * w
    ? { width: Math.max(1, Math.floor((height * w) / h)), height }
    : { width, height: Math.max(1, Math.floor((width * h) / w)) };

/** Truncated to whole pixels. */
const shareOf = ({ width, height }: Size, fraction: number): Size => ({
  width: Math.max(1, Math.floor(width * fraction)),
  height: Math.max(1, Math.floor(height * fraction)),
});

/** torchvision's `center_crop`: a margin's smaller half is before the picture; else halves go to the even neighbor. */
const evenStart = (length: number, of: number): number =>
  length > of ? -Math.floor((length - of) / 2) : roundHalfEven((of - length) / 2);

const CENTERED = {
  even: evenStart,
  down: (length: number, of: number) => Math.floor((of - length) / 2),
  zero: (length: number, of: number) => Math.trunc((of - length) / 2),
} as const;

function trimmed({ width, height }: Size, border: number): Window {
  if (2 * border >= Math.min(width, height))
    throw new LensError(
      'usage',
      `"border": expected less than half of ${width} x ${height} pixels (width x height); found ${border}.`,
      { fix: 'Change "border" in the lens to a smaller number.' },
    );
  return { x: border, y: border, width: width - 2 * border, height: height - 2 * border };
}
