/** Paints strokes over a picture, as protocol/strokes.ts defines them. */
import { RowMeans } from './box-mean';
import type { Interleaved } from './interleaved';

type Fill = { readonly color: readonly [number, number, number] } | { readonly blur: number };

/** What is painted, in the form of protocol/strokes.ts. */
export type Painting =
  | {
      readonly line: readonly (readonly [number, number])[];
      readonly radius: number;
      readonly fill: Fill;
    }
  | { readonly box: readonly [number, number, number, number]; readonly fill: Fill };

export interface Painted {
  readonly image: Interleaved;
  /** How many were covered, whether their levels changed or not. */
  readonly pixels: number;
}

/** Part of a stroke that covers one run of pixels of a row: a box, or all within `radius` of a segment. */
interface Part {
  readonly stroke: number;
  /** First and last row that it may reach. */
  readonly top: number;
  readonly bottom: number;
  /** The pixels of a row: first, and behind the last; first >= end where there are none. */
  readonly run: (y: number) => readonly [first: number, end: number];
}

/**
 * A new picture; blurs are of the picture as it was given, so that painting twice over a place is painting once. Rows are painted from
 * the last stroke to the first, each over what none has covered yet: no pixel is written twice, however many strokes there are.
 */
export function paintStrokes(image: Interleaved, strokes: readonly Painting[]): Painted {
  const { width, height } = image;
  const data = image.data.slice();
  const parts = strokes.flatMap((stroke, index) => partsOf(stroke, index, width)).reverse();
  const blurs = strokes.flatMap(({ fill }) => ('blur' in fill ? [fill.blur] : []));
  const means = new Map([...new Set(blurs)].map((radius) => [radius, new RowMeans(image, radius)]));
  /** Of each pixel of the row the next that is not covered, itself where it is not. */
  const free = new Int32Array(width + 1);
  const top = parts.reduce((least, part) => Math.min(least, part.top), height);
  const bottom = parts.reduce((most, part) => Math.max(most, part.bottom), -1);
  let pixels = 0;
  for (let y = Math.max(top, 0); y <= Math.min(bottom, height - 1); y++) {
    for (let x = 0; x <= width; x++) free[x] = x;
    for (const part of parts) {
      if (y < part.top || y > part.bottom) continue;
      if (nextFree(free, 0) === width) break;
      const [first, end] = part.run(y);
      if (first >= end) continue;
      const { fill } = strokes[part.stroke] as Painting;
      const blurred = 'blur' in fill ? (means.get(fill.blur) as RowMeans) : null;
      let row: Uint8Array | null = null;
      for (let x = nextFree(free, first); x < end; x = nextFree(free, x)) {
        row ??= blurred?.of(y) ?? null;
        const out = 3 * (y * width + x);
        for (let channel = 0; channel < 3; channel++)
          data[out + channel] = 'color' in fill ? (fill.color[channel] ?? 0) : (row?.[3 * x + channel] ?? 0);
        free[x] = x + 1;
        pixels++;
      }
    }
  }
  return { image: { width, height, data }, pixels };
}

/** The way there is shortened on the way. */
function nextFree(free: Int32Array, from: number): number {
  let at = from;
  while (free[at] !== at) {
    const next = free[at] as number;
    free[at] = free[next] as number;
    at = next;
  }
  return at;
}

function partsOf(stroke: Painting, index: number, width: number): readonly Part[] {
  if ('box' in stroke) {
    const [x0, y0, x1, y1] = stroke.box;
    const run = [Math.max(firstFrom(x0), 0), Math.min(firstFrom(x1), width)] as const;
    return [{ stroke: index, top: firstFrom(y0), bottom: firstFrom(y1) - 1, run: () => run }];
  }
  const { line, radius } = stroke;
  return line.slice(0, Math.max(line.length - 1, 1)).map(([ax, ay], i) => {
    const [bx, by] = line[i + 1] ?? [ax, ay];
    return {
      stroke: index,
      top: Math.floor(Math.min(ay, by) - radius - 1),
      bottom: Math.ceil(Math.max(ay, by) + radius + 1),
      run: (y: number) => runOf([ax, ay, bx, by], radius, y, width),
    };
  });
}

/** The first pixel whose center is not before a coordinate. */
const firstFrom = (coordinate: number): number => Math.ceil(coordinate - 0.5);

type Segment = readonly [ax: number, ay: number, bx: number, by: number];

/** Pixels of a row within `radius` of a segment: they follow each other, since what lies within is convex. */
function runOf(segment: Segment, radius: number, row: number, width: number): readonly [number, number] {
  const y = row + 0.5;
  const reach = reachOf(segment, radius, y);
  if (reach === null) return [0, 0];
  const covers = (x: number): boolean => covered(segment, radius, x + 0.5, y);
  // The bounds are exact up to rounding; which pixels count is for the distance to say.
  let first = Math.max(Math.floor(reach[0]) - 1, 0);
  let end = Math.min(Math.ceil(reach[1]) + 1, width);
  while (first < end && !covers(first)) first++;
  while (end > first && !covers(end - 1)) end--;
  return [first, end];
}

/** From where to where a horizontal line runs within `radius` of a segment; null where it passes by. */
function reachOf([ax, ay, bx, by]: Segment, radius: number, y: number): readonly [number, number] | null {
  let least = Infinity;
  let most = -Infinity;
  const add = (x: number): void => {
    least = Math.min(least, x);
    most = Math.max(most, x);
  };
  for (const [cx, cy] of [
    [ax, ay],
    [bx, by],
  ] as const) {
    const half = radius * radius - (y - cy) * (y - cy);
    if (half < 0) continue;
    add(cx - Math.sqrt(half));
    add(cx + Math.sqrt(half));
  }
  const length = Math.hypot(bx - ax, by - ay);
  if (length > 0 && ay !== by)
    // The two sides of the band between the discs.
    for (const side of [radius, -radius]) {
      const [nx, ny] = [(-(by - ay) / length) * side, ((bx - ax) / length) * side];
      const share = (y - (ay + ny)) / (by - ay);
      if (share >= 0 && share <= 1) add(ax + nx + share * (bx - ax));
    }
  return least <= most ? [least, most] : null;
}

/** Whether the distance of (x, y) from a segment is at most `radius`. */
function covered([ax, ay, bx, by]: Segment, radius: number, x: number, y: number): boolean {
  const [dx, dy] = [bx - ax, by - ay];
  const squared = dx * dx + dy * dy;
  const share = squared === 0 ? 0 : Math.min(Math.max(((x - ax) * dx + (y - ay) * dy) / squared, 0), 1);
  const [ex, ey] = [ax + share * dx - x, ay + share * dy - y];
  return ex * ex + ey * ey <= radius * radius;
}
