/** Overlap of boxes, and the two ways to make one detection of many (non-maximum suppression). */
import type { Box } from '../imaging/image';
import { boxArea } from './face';

/** Intersection over union, 0..1; 0 when both boxes are empty. */
export function intersectionOverUnion(a: Box, b: Box): number {
  const overlap = boxArea([
    Math.max(a[0], b[0]),
    Math.max(a[1], b[1]),
    Math.min(a[2], b[2]),
    Math.min(a[3], b[3]),
  ]);
  const union = boxArea(a) + boxArea(b) - overlap;
  return union > 0 ? overlap / union : 0;
}

export interface Scored {
  readonly box: Box;
  readonly score: number;
}

/**
 * Keeps the best detection of every cluster: whatever overlaps a better one by more than `iou` is dropped.
 * As `torchvision.ops.nms`; the result is in descending order of score.
 */
export function hardNms<T extends Scored>(candidates: readonly T[], iou: number): readonly T[] {
  return clusters(candidates, iou).map(([best]) => best);
}

/**
 * MediaPipe's weighted suppression (`NonMaxSuppressionCalculator`, algorithm WEIGHTED): `blend` makes one detection of
 * each cluster, given its members in descending order of score.
 */
export function blendedNms<T extends Scored>(
  candidates: readonly T[],
  iou: number,
  blend: (cluster: readonly [T, ...T[]]) => T,
): readonly T[] {
  return clusters(candidates, iou).map(blend);
}

/** Greedy clusters around the best remaining detection, each in descending order of score. */
function clusters<T extends Scored>(candidates: readonly T[], iou: number): readonly [T, ...T[]][] {
  const sorted = [...candidates].sort((a, b) => b.score - a.score);
  const taken = new Uint8Array(sorted.length);
  return sorted.flatMap((best, index) => {
    if (taken[index] === 1) return [];
    const cluster: [T, ...T[]] = [best];
    for (let other = index + 1; other < sorted.length; other++) {
      const candidate = sorted[other];
      if (candidate === undefined || taken[other] === 1) continue;
      if (apart(best.box, candidate.box) || !(intersectionOverUnion(best.box, candidate.box) > iou)) continue;
      taken[other] = 1;
      cluster.push(candidate);
    }
    return [cluster];
  });
}

/** Most pairs of a large picture: decided by comparisons alone. */
const apart = (a: Box, b: Box): boolean => a[0] >= b[2] || b[0] >= a[2] || a[1] >= b[3] || b[1] >= a[3];
