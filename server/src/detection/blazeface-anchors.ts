/** BlazeFace's raw outputs to boxes and keypoints (arXiv 1907.05047; constants of MediaPipe's full-range face detector). */
import type { Box, Point } from '../imaging/image';
import type { Scored } from './nms';

/** Side of the square input, and of the one feature map whose cells each have one anchor. */
export const INPUT_SIDE = 192;
const MAP_SIDE = 48;
const ANCHORS = MAP_SIDE * MAP_SIDE;

/** Center and size of the box, then x, y of six keypoints. */
const VALUES_PER_ANCHOR = 16;

/** Image-left eye, image-right eye, nose tip, mouth center, image-left and image-right ear tragion. */
export type Keypoints = readonly [Point, Point, Point, Point, Point, Point];

/** Coordinates in input sides: 0..1 from the top left corner of the network's input. */
export interface BlazeCandidate extends Scored {
  readonly keypoints: Keypoints;
}

/** Beyond this the score's exponential adds nothing but overflow; MediaPipe clips there as well. */
const LOGIT_LIMIT = 100;

/**
 * The anchors whose score reaches `threshold`. Anchor (i, j) is at the center of its cell with size 1, so an
 * output of `v` pixels means v / INPUT_SIDE input sides, added to the anchor's center for the box's center
 * and the keypoints.
 * @param regressors ANCHORS rows of VALUES_PER_ANCHOR.
 * @param logits one per anchor; the score is its sigmoid.
 */
export function decodeAnchors(
  regressors: Float32Array,
  logits: Float32Array,
  threshold: number,
): readonly BlazeCandidate[] {
  const candidates: BlazeCandidate[] = [];
  for (let anchor = 0; anchor < ANCHORS; anchor++) {
    const logit = Math.min(Math.max(logits[anchor] ?? -LOGIT_LIMIT, -LOGIT_LIMIT), LOGIT_LIMIT);
    const score = 1 / (1 + Math.exp(-logit));
    if (!(score >= threshold)) continue;
    const anchorX = ((anchor % MAP_SIDE) + 0.5) / MAP_SIDE;
    const anchorY = (Math.floor(anchor / MAP_SIDE) + 0.5) / MAP_SIDE;
    const value = (index: number): number =>
      (regressors[anchor * VALUES_PER_ANCHOR + index] ?? 0) / INPUT_SIDE;
    const point = (index: number): Point => ({
      x: anchorX + value(index),
      y: anchorY + value(index + 1),
    });
    const center = point(0);
    const [halfWidth, halfHeight] = [value(2) / 2, value(3) / 2];
    candidates.push({
      score,
      box: [center.x - halfWidth, center.y - halfHeight, center.x + halfWidth, center.y + halfHeight],
      keypoints: [point(4), point(6), point(8), point(10), point(12), point(14)],
    });
  }
  return candidates;
}

/** One detection of a cluster: coordinates averaged with the scores as weights, the score of the best. */
export function blendByScore(cluster: readonly [BlazeCandidate, ...BlazeCandidate[]]): BlazeCandidate {
  const total = cluster.reduce((sum, { score }) => sum + score, 0);
  const mean = (of: (candidate: BlazeCandidate) => number): number =>
    cluster.reduce((sum, candidate) => sum + of(candidate) * candidate.score, 0) / total;
  const edge = (index: 0 | 1 | 2 | 3) => mean(({ box }) => box[index]);
  const point = (index: 0 | 1 | 2 | 3 | 4 | 5): Point => ({
    x: mean(({ keypoints }) => keypoints[index].x),
    y: mean(({ keypoints }) => keypoints[index].y),
  });
  const box: Box = [edge(0), edge(1), edge(2), edge(3)];
  return {
    score: cluster[0].score,
    box,
    keypoints: [point(0), point(1), point(2), point(3), point(4), point(5)],
  };
}
