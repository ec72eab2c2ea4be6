/** Where pixels go while the picture is resized, cropped and padded. */
import type { AxisPlacement, Placement, Size } from './step';

const STAY: AxisPlacement = { to: 1, from: 1, offset: 0 };
export const IN_PLACE: Placement = { x: STAY, y: STAY };

/** For a picture that is stretched from one size to another. */
export const stretched = (from: Size, to: Size): Placement => ({
  x: { to: to.width, from: from.width, offset: 0 },
  y: { to: to.height, from: from.height, offset: 0 },
});

/** For a picture whose top left corner moves to (x, y). */
export const moved = (x: number, y: number): Placement => ({
  x: { ...STAY, offset: x },
  y: { ...STAY, offset: y },
});

/** The first, followed by the second. */
export const composed = (first: Placement, second: Placement): Placement => ({
  x: along(first.x, second.x),
  y: along(first.y, second.y),
});

const along = (first: AxisPlacement, second: AxisPlacement): AxisPlacement => ({
  to: first.to * second.to,
  from: first.from * second.from,
  offset: (first.offset * second.to) / second.from + second.offset,
});

export const placed = ({ to, from, offset }: AxisPlacement, position: number): number =>
  (position * to) / from + offset;

/** The position before the steps of a position after them. */
export const unplaced = ({ to, from, offset }: AxisPlacement, position: number): number =>
  ((position - offset) * from) / to;

/** Pixels after the steps for each pixel before them, along each axis. */
export const scaleOf = ({ x, y }: Placement): { readonly x: number; readonly y: number } => ({
  x: x.to / x.from,
  y: y.to / y.from,
});
