/** Step B3: the face inside the crop, as the convex hull of its landmarks. */
import { hullMask } from '../../imaging/draw';
import type { GreyImage } from '../../imaging/image';
import type { Crop } from './crop';
import type { Detection } from './detection';

/** Landmarks moved and scaled into the crop, their convex hull filled; null where landmarks are unknown. */
export function faceMask(
  { faces: [{ landmarks }] }: Detection,
  { box: [x0, y0, x1, y1], image }: Crop,
): GreyImage | null {
  if (landmarks === null) return null;
  const { width, height } = image;
  const inCrop = landmarks.map(({ x, y }) => ({
    x: ((x - x0) * width) / (x1 - x0),
    y: ((y - y0) * height) / (y1 - y0),
  }));
  return hullMask(inCrop, width, height);
}
