/** Step B3: the face inside the crop, as the convex hull of its landmarks. */
import { hullMask } from '../../imaging/draw';
import type { GrayImage } from '../../imaging/image';
import { placed } from '../steps/placement';
import type { Crop } from './crop';
import type { Detection } from './detection';

/** Landmarks moved and scaled into the crop, their convex hull filled; null where landmarks are unknown. */
export function faceMask(
  { faces: [{ landmarks }] }: Detection,
  { box: [x0, y0], image, placement }: Crop,
): GrayImage | null {
  if (landmarks === null) return null;
  const { width, height } = image;
  const inCrop = landmarks.map(({ x, y }) => ({
    x: placed(placement.x, x - x0),
    y: placed(placement.y, y - y0),
  }));
  return hullMask(inCrop, width, height);
}
