/** What is drawn on pictures: face boxes, landmark dots, the filled hull of the face mask. Pixels as OpenCV sets them. */

import type { Box, GrayImage, Point, RgbImage } from './image';
import { roundHalfEven } from '../round';

export type Color = readonly [red: number, green: number, blue: number];

const GREEN: Color = [0, 255, 0];
const RED: Color = [255, 0, 0];

/** A copy that may be drawn on. */
export function copyRgb(image: RgbImage): RgbImage {
  return { width: image.width, height: image.height, data: image.data.slice() };
}

/**
 * Outlines the box in place as `cv2.rectangle(image, (x0, y0), (x1, y1), color, 2)`: OpenCV's thickness 2 covers
 * each edge and one pixel on either side, its ends rounded, so the four outer corner pixels stay as they were.
 * Coordinates are truncated to whole pixels; what is outside the picture is not drawn.
 */
export function drawBox(image: RgbImage, box: Box, color: Color = GREEN): void {
  const [x0, y0, x1, y1] = [Math.trunc(box[0]), Math.trunc(box[1]), Math.trunc(box[2]), Math.trunc(box[3])];
  for (const y of [y0, y1]) {
    fillRows(image, y - 1, y + 1, x0, x1, color);
    fillRows(image, y, y, x0 - 1, x1 + 1, color);
  }
  for (const x of [x0, x1]) {
    fillRows(image, y0, y1, x - 1, x + 1, color);
    fillRows(image, y0 - 1, y1 + 1, x, x, color);
  }
}

/** Fills a dot in place as `cv2.circle(image, center, 2, color, -1)`: a diamond of 13 pixels. */
export function drawDot(image: RgbImage, center: Point, color: Color = RED): void {
  const x = Math.trunc(center.x);
  const y = Math.trunc(center.y);
  for (let dy = -2; dy <= 2; dy++) {
    const half = 2 - Math.abs(dy);
    fillRows(image, y + dy, y + dy, x - half, x + half, color);
  }
}

/** The convex hull (Andrew's monotone chain), collinear points left out, in order around the shape. */
export function convexHull(points: readonly Point[]): Point[] {
  const sorted = [...points].sort((a, b) => a.x - b.x || a.y - b.y);
  const chain = (ordered: readonly Point[]): Point[] => {
    const hull: Point[] = [];
    for (const p of ordered) {
      while (
        hull.length >= 2 &&
        turn(hull[hull.length - 2] as Point, hull[hull.length - 1] as Point, p) <= 0
      ) {
        hull.pop();
      }
      hull.push(p);
    }
    return hull.slice(0, -1);
  };
  if (sorted.length < 2) return sorted;
  return [...chain(sorted), ...chain(sorted.reverse())];
}

/**
 * A mask with the convex hull of `points` filled white (255) on black, the outline included:
 * `cv2.fillConvexPoly(mask, cv2.convexHull(points), 255)` with the points rounded to whole pixels (halves to even).
 */
export function hullMask(points: readonly Point[], width: number, height: number): GrayImage {
  const data = new Uint8Array(width * height);
  const hull = convexHull(points.map((p) => ({ x: wholePixel(p.x), y: wholePixel(p.y) })));
  // Row by row, the leftmost and rightmost column that the outline or the inside reaches.
  const left = new Float64Array(height).fill(Infinity);
  const right = new Float64Array(height).fill(-Infinity);
  const reach = (x: number, y: number): void => {
    if (y < 0 || y >= height) return;
    left[y] = Math.min(left[y] as number, x);
    right[y] = Math.max(right[y] as number, x);
  };
  hull.forEach((from, i) => {
    const to = hull[(i + 1) % hull.length] as Point;
    outlineEdge(from, to, reach);
    crossRows(from, to, reach);
  });
  for (let y = 0; y < height; y++) {
    const start = Math.max(left[y] as number, 0);
    const end = Math.min(right[y] as number, width - 1);
    if (start <= end) data.fill(255, y * width + start, y * width + end + 1);
  }
  return { width, height, data };
}

/** Rounded as NumPy's `rint`, and clamped to the 16 bits that OpenCV draws in, so that every outline ends. */
function wholePixel(value: number): number {
  return Math.min(Math.max(roundHalfEven(value) || 0, -32768), 32767);
}

/** The 8-connected line of OpenCV's `LineIterator`: walked from the left end, the minor axis rounded half down. */
function outlineEdge(a: Point, b: Point, reach: (x: number, y: number) => void): void {
  const [from, to] = a.x <= b.x ? [a, b] : [b, a];
  const dx = to.x - from.x;
  const dy = Math.abs(to.y - from.y);
  const down = Math.sign(to.y - from.y);
  const steps = Math.max(dx, dy);
  for (let t = 0; t <= steps; t++) {
    const minor = Math.max(0, Math.ceil((t * Math.min(dx, dy)) / steps - 0.5));
    if (dx >= dy) reach(from.x + t, from.y + (steps === 0 ? 0 : down * minor));
    else reach(from.x + minor, from.y + down * t);
  }
}

/** Where an edge crosses each row from its upper end to before its lower one, in OpenCV's 16-bit fixed point. */
function crossRows(a: Point, b: Point, reach: (x: number, y: number) => void): void {
  const [top, bottom] = a.y <= b.y ? [a, b] : [b, a];
  const rows = bottom.y - top.y;
  if (rows === 0) return;
  const slope = Math.trunc(((bottom.x - top.x) * 2 * 65536 + rows) / (2 * rows));
  for (let k = 0; k < rows; k++) reach(Math.floor((top.x * 65536 + k * slope + 32768) / 65536), top.y + k);
}

/** Twice the signed area of the triangle a, b, p: positive where p lies left of a -> b (y axis upwards). */
function turn(a: Point, b: Point, p: Point): number {
  return (b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x);
}

/** Colors the rows y0..y1 from column x0 to x1, all included, as far as they lie inside. */
function fillRows(image: RgbImage, y0: number, y1: number, x0: number, x1: number, color: Color): void {
  const bottom = Math.min(y1, image.height - 1);
  const right = Math.min(x1, image.width - 1);
  for (let y = Math.max(y0, 0); y <= bottom; y++) {
    for (let x = Math.max(x0, 0); x <= right; x++) {
      const o = (y * image.width + x) * 3;
      image.data[o] = color[0];
      image.data[o + 1] = color[1];
      image.data[o + 2] = color[2];
    }
  }
}
