/**
 * The scales at which a RetinaFace looks at one picture, and how their boxes become one list.
 *
 * ResNet-50 takes the picture's own size, as the reference does. MobileNet-0.25 is too small to make up for
 * anchors that end at 256 pixels: a larger face breaks up into boxes of an eye, of hair, or of a flag behind
 * it, each as large as the network can say. So it looks a second time at a picture whose longest side is 640,
 * and boxes larger than its largest anchor are taken only from there. Measured on nine photographs at 1 to 8
 * times their size: at its own size alone, a box that is not a face was the largest in every picture of 3,000
 * pixels and more.
 */
import type { RetinaFaceVariant } from '../architectures/retinaface-variants';
import type { Box, RgbImage } from '../imaging/image';
import type { Face } from './face';
import { intersectionOverUnion } from './nms';

/** Beyond this ResNet-50 takes gigabytes and minutes: larger pictures are scaled down to it unless `maxSize` says otherwise. */
export const LONGEST_SIDE = 4096;

/** Longest side of MobileNet's second look: the size that it was trained at (`image_size` in Pytorch_Retinaface's `cfg_mnet`). */
export const SMALL_SIDE = 640;

/**
 * MobileNet's boxes of more than largest anchor^2 / 0.5 square pixels are measured badly even where there is a face: at this
 * size they overlap it by 0.66 and less (five portraits, cut closer and closer at 640 pixels).
 */
const WORST_ANCHOR_IOU = 0.5;

export interface Look {
  /** Longest side that the network is given, in pixels. */
  readonly side: number;
  /** Boxes with a longer side, in pixels of the network's input, do not count. */
  readonly largest: number;
}

/** At least one; the finest first. @param maxSize the longest side requested, which is then the only one */
export function looksAt(
  { width, height }: Pick<RgbImage, 'width' | 'height'>,
  variant: RetinaFaceVariant,
  maxSize: number | null,
): readonly [Look, ...Look[]] {
  const own = Math.min(Math.max(width, height), LONGEST_SIDE);
  if (maxSize !== null) return [{ side: maxSize, largest: Infinity }];
  if (variant.body === 'resnet50' || own <= SMALL_SIDE) return [{ side: own, largest: Infinity }];
  return [
    { side: own, largest: largestAnchor(variant) },
    { side: SMALL_SIDE, largest: Infinity },
  ];
}

export const largestAnchor = ({ anchorSizes }: RetinaFaceVariant): number => Math.max(...anchorSizes.flat());

/** Whether a box, in pixels of the network's input, is too large for the network's anchors to measure it. */
export function beyondAnchors([x0, y0, x1, y1]: Box, variant: RetinaFaceVariant): boolean {
  if (variant.body === 'resnet50') return false;
  return (x1 - x0) * (y1 - y0) > largestAnchor(variant) ** 2 / WORST_ANCHOR_IOU;
}

export const longerSide = ([x0, y0, x1, y1]: Box): number => Math.max(x1 - x0, y1 - y0);

/**
 * One list of two looks, in pixels of the picture: of boxes that overlap by more than `iou`, one from the small look that is too large
 * for the fine one (longer side above `limit`) comes first, then one of the fine look, which places it better.
 */
export function mergeLooks(
  fine: readonly Face[],
  small: readonly Face[],
  limit: number,
  iou: number,
): readonly Face[] {
  const large = small.filter(({ box }) => longerSide(box) > limit);
  const rest = small.filter(({ box }) => longerSide(box) <= limit);
  const merged: Face[] = [];
  for (const face of [...large, ...fine, ...rest]) {
    if (merged.every(({ box }) => intersectionOverUnion(box, face.box) <= iou)) merged.push(face);
  }
  return merged;
}
