/** Step B1: the face that is analyzed, by a detector, by hand, or the whole picture. */
import { basename } from 'node:path';
import type { AnalysisOptions } from '../../../../protocol/analysis';
import type { DetectionReport } from '../../../../protocol/report';
import type { DetectorChoice } from '../../../../protocol/vocabulary';
import type { Detector, RanOn } from '../../detection/detector';
import type { Face, Landmarks } from '../../detection/face';
import { givenBox, wholeImage } from '../../detection/given';
import { LensError } from '../../errors';
import type { RgbImage } from '../../imaging/image';

export interface Detection {
  readonly detector: Pick<Detector, 'id' | 'describe'>;
  /** Largest first; never empty. */
  readonly faces: readonly [Face, ...Face[]];
  /** Where its network ran, for the report; empty where no network was used. */
  readonly ran: Pick<DetectionReport, 'device'>;
}

interface Wanted extends Pick<AnalysisOptions, 'box' | 'maxSize'> {
  /** The lens's: `none` looks at the whole picture. */
  readonly detector: DetectorChoice;
}

/** The detectors that are networks. */
export type NetworkDetector = Exclude<DetectorChoice, 'none'>;

/** Loads a network detector; called only when one is needed. */
export type OpenDetector = (choice: NetworkDetector, maxSize: number | null) => Promise<Detector>;

/** Box by hand, whole picture, or a network: in this order. */
export async function detectFaces(
  image: RgbImage,
  path: string,
  wanted: Wanted,
  open: OpenDetector,
  signal?: AbortSignal,
): Promise<Detection> {
  const detector = await choose(wanted, open);
  const [first, ...others] = await detector.detect(image, signal);
  if (first === undefined) throw noFace(path, image, detector);
  const ran = reported(await detector.ranOn?.());
  return { detector, faces: [rounded(first), ...others.map(rounded)], ran };
}

function reported(ran: RanOn | undefined): Pick<DetectionReport, 'device'> {
  if (ran === undefined) return {};
  const { provider, placement } = ran;
  return { device: { provider, ...(placement === null ? {} : { placement }) } };
}

/** Two decimals, as the reference prints them: finer than any detector is right. */
function rounded(face: Face): Face {
  const round = (value: number): number => Math.round(value * 100) / 100;
  const [x0, y0, x1, y1] = face.box;
  const landmarks = face.landmarks?.map(({ x, y }) => ({ x: round(x), y: round(y) })) as
    | Landmarks
    | undefined;
  return { ...face, box: [round(x0), round(y0), round(x1), round(y1)], landmarks: landmarks ?? null };
}

function choose(wanted: Wanted, open: OpenDetector): Detector | Promise<Detector> {
  if (wanted.box !== null) return givenBox(wanted.box);
  if (wanted.detector === 'none') return wholeImage();
  return open(wanted.detector, wanted.maxSize);
}

function noFace(path: string, { width, height }: RgbImage, detector: Detector): LensError {
  return new LensError(
    'image',
    `No face found in ${basename(path)} (${width} x ${height}). ${detector.describe()}`,
    {
      code: 'no-face',
      remedies: ['give-box', 'other-detector', 'whole-image'],
    },
  );
}
