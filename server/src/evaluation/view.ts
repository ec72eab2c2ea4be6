/** From pixels of a picture to what the network sees of it, and back; both as shares, so that tables need no sizes. */
import type { Box } from '../imaging/image';
import { placed, unplaced } from '../pipeline/steps/placement';
import type { Placement } from '../pipeline/steps/step';
import type { Region } from './heat';

/** Which part of a picture is where in the network's input. */
export interface View {
  /** In pixels of the picture. */
  readonly crop: Box;
  /** From pixels of the crop to those of the input. */
  readonly placement: Placement;
  /** Of the input. */
  readonly width: number;
  readonly height: number;
}

/** A box in pixels of the picture as shares of what the network sees, clipped to it. */
export function inView([x0, y0, x1, y1]: Box, { crop, placement, width, height }: View): Region {
  const [left, top] = crop;
  const clamp = (value: number): number => Math.min(1, Math.max(0, value));
  const x = (value: number): number => clamp(placed(placement.x, value - left) / width);
  const y = (value: number): number => clamp(placed(placement.y, value - top) / height);
  return [x(x0), y(y0), x(x1), y(y1)];
}

/**
 * A part of what the network sees, in pixels of the picture; padding lies outside.
 * @param region shares of what the network sees
 */
export function inPicture([x0, y0, x1, y1]: Region, { crop, placement, width, height }: View): Box {
  const [left, top] = crop;
  const x = (value: number): number => left + unplaced(placement.x, value * width);
  const y = (value: number): number => top + unplaced(placement.y, value * height);
  return [x(x0), y(y0), x(x1), y(y1)];
}

/** What the network sees, as shares of a picture of this size; below 0 and above 1 where it is padded. */
export function seenPart(view: View, size: { readonly width: number; readonly height: number }): Region {
  const [x0, y0, x1, y1] = inPicture([0, 0, 1, 1], view);
  return [x0 / size.width, y0 / size.height, x1 / size.width, y1 / size.height];
}
