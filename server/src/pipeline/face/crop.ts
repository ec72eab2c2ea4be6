/** Step B2: the part of the image that the network looks at. */
import type { CropMode } from '../../../../protocol/vocabulary';
import type { Box, RgbImage } from '../../imaging/image';
import { LensError } from '../../errors';
import { cropRgb } from '../../imaging/resize';
import type { Placement } from '../steps/step';

export interface Crop {
  /** Integer pixels of the image; x1 and y1 exclusive. */
  readonly box: Box;
  /** Whether the image border cut the wanted region short, so that the picture is stretched. */
  readonly clamped: boolean;
  readonly mode: CropMode | 'whole';
  /** What the network sees of it, in its input's size. */
  readonly image: RgbImage;
  /** From the region's pixels to those of `image`. */
  readonly placement: Placement;
}

/** The part of the image itself. */
export type Region = Omit<Crop, 'placement'>;

/** How much larger than the face the reference's square is. */
const SQUARE_MARGIN = 1.2;
/** SelfBlendedImages' script extends each side by this share of the box. */
const SBI_MARGIN = 1 / 8;

/**
 * The region around a face box. `square`: side 1.2 * max(w, h) around the center. `sbi`: w/8 and h/8 on each side, one
 * pixel more at the end. Both clamp to the image and truncate to integers, as the reference and SelfBlendedImages do.
 */
export function cropRegion(
  face: Box,
  mode: CropMode,
  width: number,
  height: number,
): Pick<Crop, 'box' | 'clamped'> {
  const [x0, y0, x1, y1] = face;
  const [w, h] = [x1 - x0, y1 - y0];
  const wanted: Box =
    mode === 'square'
      ? squareAround((x0 + x1) / 2, (y0 + y1) / 2, SQUARE_MARGIN * Math.max(w, h))
      : [x0 - w * SBI_MARGIN, y0 - h * SBI_MARGIN, x1 + w * SBI_MARGIN + 1, y1 + h * SBI_MARGIN + 1];
  const box: Box = [
    Math.trunc(Math.max(wanted[0], 0)),
    Math.trunc(Math.max(wanted[1], 0)),
    Math.trunc(Math.min(wanted[2], width)),
    Math.trunc(Math.min(wanted[3], height)),
  ];
  const clamped = wanted[0] < 0 || wanted[1] < 0 || wanted[2] > width || wanted[3] > height;
  return { box, clamped };
}

const squareAround = (x: number, y: number, side: number): Box => [
  x - side / 2,
  y - side / 2,
  x + side / 2,
  y + side / 2,
];

/**
 * Cuts the face out.
 * @throws LensError of kind `image` if no part of the region is inside the image
 */
export function faceRegion(image: RgbImage, face: Box, mode: CropMode): Region {
  const region = cropRegion(face, mode, image.width, image.height);
  const [x0, y0, x1, y1] = region.box;
  if (x1 <= x0 || y1 <= y0) {
    throw new LensError(
      'image',
      `The face box [${face.join(', ')}] lies outside the image, which is ${image.width}x${image.height} (WxH).`,
      {
        fix: 'A box is x0,y0,x1,y1 in pixels of the image, x to the right and y down.',
        remedies: ['give-box'],
      },
    );
  }
  return { ...region, mode, image: cropRgb(image, region.box) };
}

/** The whole image: for pictures that are already crops. */
export const wholeImage = (image: RgbImage): Region => ({
  box: [0, 0, image.width, image.height],
  clamped: false,
  mode: 'whole',
  image,
});
