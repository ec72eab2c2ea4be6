/** RetinaFace: the reference pipeline's detector, where its weights are there. */
import type { ImportedRetinaFace } from '../architectures/retinaface-import';
import { importRetinaFace } from '../architectures/retinaface-import';
import { retinaFaceTensors } from '../architectures/retinaface';
import type {
  RetinaFaceBody,
  RetinaFaceVariant,
  RetinaFaceVariantId,
} from '../architectures/retinaface-variants';
import { fromTensorSource } from '../architectures/state-dict';
import { openCheckpoint } from '../checkpoints/open';
import { LensError, throwIfAborted } from '../errors';
import type { Box, Point, RgbImage } from '../imaging/image';
import { resizeRgb } from '../imaging/resize';
import { roundHalfEven } from '../round';
import type { Session } from '../runtime/session';
import type { Detector } from './detector';
import { ranOn } from './detector';
import type { Face, Landmarks } from './face';
import { byArea } from './face';
import { hardNms } from './nms';
import type { RawDetections, RetinaCandidate } from './priors';
import { countPriors, decodePriors } from './priors';
import type { Look } from './scales';
import {
  beyondAnchors,
  largestAnchor,
  LONGEST_SIDE,
  longerSide,
  looksAt,
  mergeLooks,
  SMALL_SIDE,
} from './scales';

/** The reference's 0.7 is for ResNet-50. MobileNet-0.25 is surer of itself: it gives a cup of coffee 0.77. */
const thresholds: Readonly<Record<RetinaFaceBody, number>> = { resnet50: 0.7, 'mobilenet0.25': 0.9 };

/** Boxes of one face overlap by more than this. */
const NMS_IOU = 0.4;

export interface RetinaFaceOptions {
  /** Longest side that the network sees, in pixels: larger and smaller pictures are scaled to it. Null: as `looksAt` says. */
  readonly maxSize?: number | null;
}

export interface LoadOptions extends RetinaFaceOptions {
  /** Where it is known; otherwise the weights' own statistics decide. */
  readonly variant?: RetinaFaceVariantId;
  readonly signal?: AbortSignal;
}

/** Reads a checkpoint. @throws LensError 'model' if it is damaged or not a RetinaFace. */
export async function readRetinaFace(
  path: string,
  { variant, signal }: Pick<LoadOptions, 'variant' | 'signal'> = {},
): Promise<ImportedRetinaFace> {
  const checkpoint = await openCheckpoint(path, signal === undefined ? {} : { signal });
  try {
    const stateDict = fromTensorSource(checkpoint);
    return await importRetinaFace(stateDict, {
      source: path,
      ...(variant === undefined ? {} : { variant }),
    });
  } finally {
    await checkpoint.close();
  }
}

/** A detector around a session of its network, which is opened once the options have been checked. */
export async function retinaFaceDetector(
  { variant, notes }: Pick<ImportedRetinaFace, 'variant' | 'notes'>,
  openSession: () => Promise<Session>,
  { maxSize = null }: RetinaFaceOptions = {},
): Promise<Detector> {
  if (maxSize !== null && !(Number.isInteger(maxSize) && maxSize >= 1)) {
    throw new LensError(
      'usage',
      `The detector's longest side must be a positive integer, found ${maxSize}.`,
      {
        remedies: ['detector-size'],
      },
    );
  }
  const session = await openSession();
  const threshold = thresholds[variant.body];
  return {
    id: `retinaface-${variant.body}`,
    describe: () =>
      [
        `${variant.name}: score above ${threshold}, suppression at IoU ${NMS_IOU}, ` +
          sizesInWords(variant, maxSize),
        ...notes,
      ].join(' '),
    async detect(image, signal) {
      const found = async (at: Look): Promise<readonly Face[]> => {
        throwIfAborted(signal);
        const faces = await look(session, image, variant, at);
        throwIfAborted(signal);
        return faces;
      };
      const [first, second] = looksAt(image, variant, maxSize);
      const fine = await found(first);
      if (second === undefined) return byArea(fine);
      const limit = (first.largest * Math.max(image.width, image.height)) / first.side;
      return byArea(mergeLooks(fine, await found(second), limit, NMS_IOU));
    },
    ranOn: () => ranOn(session),
    dispose: () => session.dispose(),
  };
}

function sizesInWords(variant: RetinaFaceVariant, maxSize: number | null): string {
  if (maxSize !== null) return `longest side scaled to ${maxSize} pixels.`;
  const own = `at the picture's own size up to ${LONGEST_SIDE} pixels`;
  if (variant.body === 'resnet50') return `${own}.`;
  return (
    `${own} and, where that is larger, at longest side ${SMALL_SIDE}, ` +
    `from which boxes of more than ${largestAnchor(variant)} pixels are taken.`
  );
}

/** The faces at one scale, in pixels of the picture. */
async function look(
  session: Session,
  image: RgbImage,
  variant: RetinaFaceVariant,
  { side, largest }: Look,
): Promise<readonly Face[]> {
  const input = scaledTo(image, side);
  const raw = await run(session, input, variant);
  const threshold = thresholds[variant.body];
  const candidates = decodePriors(raw, input.width, input.height, variant.anchorSizes, threshold).filter(
    ({ box }) => longerSide(box) <= largest,
  );
  // One factor for both directions, as the reference has it.
  const scale = image.height / input.height;
  return hardNms(candidates, NMS_IOU)
    .map((candidate) => ({
      ...toFace(candidate, scale),
      ...(beyondAnchors(candidate.box, variant) ? { doubt: 'beyond-anchors' as const } : {}),
    }))
    .filter(({ box }) => box[0] < image.width - 1 && box[1] < image.height - 1);
}

/** Longest side scaled to `maxSize`, sides rounded half to even, as albumentations' LongestMaxSize (bilinear) does. */
export function scaledTo(image: RgbImage, maxSize: number): RgbImage {
  const scale = maxSize / Math.max(image.width, image.height);
  if (scale === 1) return image;
  const side = (length: number): number => Math.max(1, roundHalfEven(length * scale));
  return resizeRgb(image, side(image.width), side(image.height));
}

async function run(session: Session, image: RgbImage, variant: RetinaFaceVariant): Promise<RawDetections> {
  const { width, height } = image;
  const names = retinaFaceTensors;
  const outputs = await session.run({
    [names.image]: { type: 'float32', dims: [1, 3, height, width], data: normalized(image, variant.input) },
  });
  const rows = countPriors(width, height);
  const values = (name: string, each: number): Float32Array => {
    const tensor = outputs[name];
    if (tensor?.type === 'float32' && tensor.data.length === rows * each) return tensor.data;
    throw new LensError(
      'internal',
      `RetinaFace gave ${tensor?.dims.join('x') ?? 'no'} "${name}" for ${rows} anchors.`,
    );
  };
  return {
    boxes: values(names.boxes, 4),
    logits: values(names.logits, 2),
    landmarks: values(names.landmarks, 10),
  };
}

/** (3, height, width) planes of (value - mean) / std, looked up: a byte has 256 values. */
function normalized(
  { width, height, data }: RgbImage,
  { order, mean, std }: RetinaFaceVariant['input'],
): Float32Array {
  const plane = width * height;
  const out = new Float32Array(3 * plane);
  for (const channel of [0, 1, 2] as const) {
    const source = order === 'RGB' ? channel : 2 - channel;
    const values = Float32Array.from({ length: 256 }, (_, value) => (value - mean[channel]) / std[channel]);
    let at = channel * plane;
    for (let i = source; i < data.length; i += 3) out[at++] = values[data[i] ?? 0] ?? 0;
  }
  return out;
}

/** To the picture's pixels, rounded to hundredths as the reference prints them. */
function toFace({ box, score, landmarks }: RetinaCandidate, scale: number): Face {
  const hundredths = (value: number): number => Math.round(value * scale * 100) / 100;
  const point = ({ x, y }: Point): Point => ({ x: hundredths(x), y: hundredths(y) });
  const [leftEye, rightEye, nose, leftCorner, rightCorner] = landmarks;
  return {
    box: box.map(hundredths) as unknown as Box,
    score,
    landmarks: [leftEye, rightEye, nose, leftCorner, rightCorner].map(point) as unknown as Landmarks,
    landmarksEstimated: false,
  };
}
