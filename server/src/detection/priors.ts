/** RetinaFace's anchors ("priors"), and its raw outputs to boxes and landmarks in pixels. */
import type { Box, Point } from '../imaging/image';
import type { Landmarks } from './face';
import type { Scored } from './nms';

/** Of the three levels of the pyramid, in pixels. */
const strides = [8, 16, 32] as const;

/** SSD's "variances" (arXiv 1512.02325, its code): what the offsets and the logarithms of the sizes are multiplied by. */
const OFFSET_VARIANCE = 0.1;
const SIZE_VARIANCE = 0.2;

export interface RawDetections {
  /** Rows of 4, 2 and 10, one an anchor. */
  readonly boxes: Float32Array;
  readonly logits: Float32Array;
  readonly landmarks: Float32Array;
}

export interface RetinaCandidate extends Scored {
  readonly landmarks: Landmarks;
}

/** An anchor in pixels of the network's input. */
interface Prior {
  readonly x: number;
  readonly y: number;
  readonly side: number;
}

/** Cells of each level: ceil(side / stride), the last one possibly reaching over the edge. */
function levels(width: number, height: number) {
  return strides.map((stride) => ({
    stride,
    columns: Math.ceil(width / stride),
    rows: Math.ceil(height / stride),
  }));
}

/** Two anchors in each cell. */
export function countPriors(width: number, height: number): number {
  return levels(width, height).reduce((sum, { columns, rows }) => sum + 2 * columns * rows, 0);
}

/** The anchor of one of the network's rows: finest level first, row by row, the smaller anchor of a cell first. */
export function priorAt(
  row: number,
  width: number,
  height: number,
  sizes: readonly (readonly [number, number])[],
): Prior {
  let rest = row;
  for (const [level, { stride, columns, rows }] of levels(width, height).entries()) {
    if (rest < 2 * columns * rows) {
      const cell = rest >> 1;
      const x = ((cell % columns) + 0.5) * stride;
      const y = (Math.floor(cell / columns) + 0.5) * stride;
      return { x, y, side: sizes[level]?.[rest & 1] ?? NaN };
    }
    rest -= 2 * columns * rows;
  }
  throw new RangeError(`There are ${row - rest} anchors; number ${row} was requested.`);
}

/**
 * The detections whose score is above `threshold`, in pixels of the network's input. With prior (px, py, s): center
 * px + 0.1 l0 s, py + 0.1 l1 s; size s exp(0.2 l2), s exp(0.2 l3); landmark px + 0.1 l s; score softmax over the two
 * classes. (The published code works in shares of the picture; the pixels cancel out.)
 */
export function decodePriors(
  raw: RawDetections,
  width: number,
  height: number,
  sizes: readonly (readonly [number, number])[],
  threshold: number,
): readonly RetinaCandidate[] {
  const candidates: RetinaCandidate[] = [];
  const anchors = countPriors(width, height);
  for (let at = 0; at < anchors; at++) {
    const score = 1 / (1 + Math.exp((raw.logits[2 * at] ?? 0) - (raw.logits[2 * at + 1] ?? 0)));
    if (!(score > threshold)) continue; // all but a few: only those are worth a box
    const { x, y, side } = priorAt(at, width, height, sizes);
    const [dx = 0, dy = 0, dw = 0, dh = 0] = raw.boxes.subarray(4 * at, 4 * at + 4);
    const points = raw.landmarks.subarray(10 * at, 10 * at + 10);
    const offset = (value: number): number => value * OFFSET_VARIANCE * side;
    const landmark = (index: number): Point => ({
      x: x + offset(points[2 * index] ?? 0),
      y: y + offset(points[2 * index + 1] ?? 0),
    });
    const [centerX, centerY] = [x + offset(dx), y + offset(dy)];
    const halfWidth = (side * Math.exp(dw * SIZE_VARIANCE)) / 2;
    const halfHeight = (side * Math.exp(dh * SIZE_VARIANCE)) / 2;
    const box: Box = [centerX - halfWidth, centerY - halfHeight, centerX + halfWidth, centerY + halfHeight];
    if (!box.every(Number.isFinite)) continue;
    const landmarks: Landmarks = [landmark(0), landmark(1), landmark(2), landmark(3), landmark(4)];
    candidates.push({ score, box, landmarks });
  }
  return candidates;
}
