/**
 * RetinaFace's boxes looked at again by BlazeFace, a network of another make: what it does not see is doubted.
 *
 * In the whole picture BlazeFace misses faces under 6% of its width, so a box that it did not see there is shown to it once more in
 * a cut-out of three times its size. On eight photographs with 27 faces of 10 to 370 pixels, at 1/14 to 6 times their size, it saw every face
 * (least IoU 0.46) and none of 150 boxes of hair, cloth, fur and petals that RetinaFace MobileNet took for one (largest IoU 0.29).
 */
import type { FaceDoubt } from '../../../protocol/report';
import { throwIfAborted } from '../errors';
import type { Box, RgbImage } from '../imaging/image';
import { clampBox, cropRgb } from '../imaging/resize';
import type { Detector } from './detector';
import type { Face } from './face';
import { byArea } from './face';
import { intersectionOverUnion } from './nms';

/** Two detectors mean the same face where their boxes overlap by this much: RetinaFace's reach to the hairline, BlazeFace's do not. */
const SAME_FACE_IOU = 0.4;

/** Side of the cut-out in longer sides of the box. */
const CUT_OUT = 3;

/** Cut-outs looked at for one picture, the largest boxes' first: some 20 ms each. Boxes beyond them count as not seen. */
const MOST_CUT_OUTS = 40;

export interface SecondOpinionOptions {
  /** Whether doubtful boxes rank after the others; otherwise the largest of all is analyzed. */
  readonly reorder: boolean;
}

/**
 * The detector with every box in doubt marked so (`Face.doubt`).
 * @param other opened only where there is a box to look at; the caller that opens it disposes of it
 */
export function withSecondOpinion(
  detector: Detector,
  other: () => Promise<Pick<Detector, 'detect'>>,
  { reorder }: SecondOpinionOptions,
): Detector {
  return {
    ...detector,
    async detect(image, signal) {
      const faces = await detector.detect(image, signal);
      if (faces.length === 0) return faces;
      const judged = await judge(faces, image, await other(), signal);
      return reorder ? [...judged.filter(isSure), ...judged.filter((face) => !isSure(face))] : judged;
    },
  };
}

const isSure = ({ doubt }: Face): boolean => doubt === undefined;

async function judge(
  faces: readonly Face[],
  image: RgbImage,
  other: Pick<Detector, 'detect'>,
  signal?: AbortSignal,
): Promise<readonly Face[]> {
  const whole = await other.detect(image, signal);
  let cutOuts = 0;
  const judged: Face[] = [];
  for (const face of byArea(faces)) {
    const seen =
      isAmong(whole, face.box) ||
      (cutOuts++ < MOST_CUT_OUTS && (await seenInCutOut(image, face.box, other, signal)));
    judged.push(seen ? face : { ...face, doubt: 'unseen' satisfies FaceDoubt });
  }
  return judged;
}

async function seenInCutOut(
  image: RgbImage,
  box: Box,
  other: Pick<Detector, 'detect'>,
  signal?: AbortSignal,
): Promise<boolean> {
  throwIfAborted(signal);
  const around = clampBox(squareAround(box), image.width, image.height);
  const [left, top, right, bottom] = around;
  if (right <= left || bottom <= top) return false; // a box beside the picture
  const found = await other.detect(cropRgb(image, around), signal);
  return isAmong(found, [box[0] - left, box[1] - top, box[2] - left, box[3] - top]);
}

function squareAround([x0, y0, x1, y1]: Box): Box {
  const half = (CUT_OUT * Math.max(x1 - x0, y1 - y0)) / 2;
  const [x, y] = [(x0 + x1) / 2, (y0 + y1) / 2];
  return [x - half, y - half, x + half, y + half];
}

const isAmong = (faces: readonly Face[], box: Box): boolean =>
  faces.some((face) => intersectionOverUnion(face.box, box) >= SAME_FACE_IOU);
