/** What detection yields: faces, and the one that is analyzed. */
import type { FaceDoubt } from '../../../protocol/report';
import type { Box, Point } from '../imaging/image';

/** Image-left eye, image-right eye, nose, image-left mouth corner, image-right mouth corner. */
export type Landmarks = readonly [Point, Point, Point, Point, Point];

/** In pixels of the image; a box or a landmark may lie partly outside of it. */
export interface Face {
  readonly box: Box;
  /** 0..1; null where no detector scored it. */
  readonly score: number | null;
  /** Null where unknown. */
  readonly landmarks: Landmarks | null;
  /** True where some landmark was derived from others rather than detected. */
  readonly landmarksEstimated: boolean;
  /** Why it may not be a face, or not a whole one; absent if there is no doubt. */
  readonly doubt?: FaceDoubt;
}

/** Largest box area first; of equals, the better score, then the earlier one. */
export function byArea(faces: readonly Face[]): readonly Face[] {
  return [...faces].sort((a, b) => boxArea(b.box) - boxArea(a.box) || (b.score ?? 0) - (a.score ?? 0));
}

/** In square pixels; 0 for a box turned inside out. */
export function boxArea([x0, y0, x1, y1]: Box): number {
  return Math.max(x1 - x0, 0) * Math.max(y1 - y0, 0);
}
