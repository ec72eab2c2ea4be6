/** The size that a picture is resized to: by its aspect ratio, and by each library's rounding. */
import type { FilledStep } from '../../../../../protocol/steps';
import type { Part } from '../../../imaging/resampling/pillow';
import { roundHalfEven } from '../../../round';
import type { Size } from '../step';

type Fit = Pick<FilledStep<'resize'>, 'fit' | 'fraction' | 'rounding'>;

const ROUND = { down: Math.floor, nearest: roundHalfEven, up: Math.ceil } as const;

/** The usual rounding of the libraries that have the fit. */
const USUAL = {
  exact: 'nearest',
  cover: 'nearest',
  shorter: 'down',
  longer: 'nearest',
  height: 'up',
  letterbox: 'nearest',
} as const;

/** @param wanted the size before `fraction` */
export function fitted(from: Size, wanted: Size, { fit, fraction, rounding }: Fit): Size {
  const size = { width: divided(wanted.width, fraction), height: divided(wanted.height, fraction) };
  const round = (side: number): number => Math.max(1, ROUND[rounding ?? USUAL[fit]](side));
  switch (fit) {
    case 'exact':
    case 'cover':
      return size;
    case 'shorter':
      return scaled(from, size, Math.min(from.width / size.width, from.height / size.height), round);
    case 'longer':
    case 'letterbox':
      return scaled(from, size, Math.max(from.width / size.width, from.height / size.height), round);
    case 'height':
      return {
        width: Math.min(size.width, round(size.height * (from.width / from.height))),
        height: size.height,
      };
  }
}

/** timm: floor(size / crop_pct). */
const divided = (side: number, fraction: number): number => Math.max(1, Math.floor(side / fraction));

/**
 * The deciding side gets the wanted length; the other is size * long / short in this order, as torchvision and transformers write
 * it: another order gives another float64, and sometimes another pixel.
 */
function scaled(from: Size, size: Size, ratio: number, round: (side: number) => number): Size {
  return ratio === from.width / size.width
    ? { width: size.width, height: round((size.width * from.height) / from.width) }
    : { width: round((size.height * from.width) / from.height), height: size.height };
}

/** `ImageOps.fit`: the middle of the longer side, without rounding. */
export function coveringPart({ width, height }: Size, to: Size): Part {
  const [own, wanted] = [width / height, to.width / to.height];
  const part =
    own === wanted
      ? { width, height }
      : own >= wanted
        ? { width: wanted * height, height }
        : { width, height: width / wanted };
  return { ...part, x: (width - part.width) * 0.5, y: (height - part.height) * 0.5 };
}
