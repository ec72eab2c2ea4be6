/**
 * Where the mass of a class activation map is. The mass is m(y, x) = max(0, cam(y, x)); each cell of the map
 * covers its rectangle of what the network sees evenly, without the smoothing of a report's pictures. With f
 * the fraction of a cell that lies in a region R,
 *     share(R) = sum f(y, x) m(y, x) / sum m(y, x),   center = sum (x + 1/2, y + 1/2) m(y, x) / (width, height) / sum m(y, x).
 */
import type { FloatMap } from '../imaging/image';
import type { HeatSummary } from './row';

/** x0, y0, x1, y1 as shares of what the network sees. */
export type Region = readonly [number, number, number, number];

/** Width of the border on each side. */
export const BORDER = 1 / 8;

/** Cells of the coarse grid along each side. */
export const GRID = 8;

const INNER: Region = [BORDER, BORDER, 1 - BORDER, 1 - BORDER];

/** Regions that are measured as well; null where there is none. */
export interface Places {
  readonly box: Region | null;
  readonly face: Region | null;
  /** The share of a region that lies inside. */
  readonly mask: ((region: Region) => number) | null;
}

const NOTHING: HeatSummary = {
  ...{ x: null, y: null, border: null, box: null, face: null, mask: null, grid: null },
};

export function summarizeHeat(map: FloatMap, { box, face, mask }: Places): HeatSummary {
  const { width, height, data } = map;
  let [total, x, y] = [0, 0, 0];
  for (let row = 0, at = 0; row < height; row++) {
    for (let column = 0; column < width; column++, at++) {
      const mass = Math.max(0, data[at] as number);
      if (!Number.isFinite(mass)) return NOTHING;
      total += mass;
      x += mass * (column + 0.5);
      y += mass * (row + 0.5);
    }
  }
  if (!(total > 0)) return NOTHING;
  const share = (region: Region): number => massIn(map, region) / total;
  return {
    x: x / total / width,
    y: y / total / height,
    border: Math.max(0, 1 - share(INNER)),
    box: box === null ? null : share(box),
    face: face === null ? null : share(face),
    mask: mask === null ? null : massUnder(map, mask) / total,
    grid: Array.from({ length: GRID * GRID }, (_, cell) => {
      const [left, top] = [(cell % GRID) / GRID, Math.floor(cell / GRID) / GRID];
      return share([left, top, left + 1 / GRID, top + 1 / GRID]);
    }),
  };
}

function massIn({ width, height, data }: FloatMap, [x0, y0, x1, y1]: Region): number {
  const [left, right] = [x0 * width, x1 * width];
  const [top, bottom] = [y0 * height, y1 * height];
  let sum = 0;
  for (let row = Math.max(0, Math.floor(top)); row < Math.min(height, Math.ceil(bottom)); row++) {
    const covered = Math.min(bottom, row + 1) - Math.max(top, row);
    for (let column = Math.max(0, Math.floor(left)); column < Math.min(width, Math.ceil(right)); column++) {
      const part = Math.min(right, column + 1) - Math.max(left, column);
      sum += Math.max(0, data[row * width + column] as number) * covered * part;
    }
  }
  return sum;
}

function massUnder({ width, height, data }: FloatMap, shareOf: (region: Region) => number): number {
  let sum = 0;
  for (let row = 0, at = 0; row < height; row++) {
    for (let column = 0; column < width; column++, at++) {
      const mass = Math.max(0, data[at] as number);
      if (mass === 0) continue;
      const cell: Region = [column / width, row / height, (column + 1) / width, (row + 1) / height];
      sum += mass * shareOf(cell);
    }
  }
  return sum;
}
