/** Which cells of a map lie in its zoomed frame, where they are large enough to hold a number. */
import type { FloatMap } from './floatMap';
import type { Zoom } from './zoom';

/** A number of five characters, in CSS pixels. */
const LEAST_WIDTH = 44;
const LEAST_HEIGHT = 16;

export interface Cell {
  readonly column: number;
  readonly row: number;
  /** Of its center within the frame, in CSS pixels. */
  readonly left: number;
  readonly top: number;
  readonly value: number;
}

/** Null while they are too small. @param width of the frame, in CSS pixels */
export function visibleCells(
  map: FloatMap,
  zoom: Zoom,
  width: number,
  height: number,
): readonly Cell[] | null {
  const cell = { width: (width * zoom.scale) / map.width, height: (height * zoom.scale) / map.height };
  if (!(cell.width >= LEAST_WIDTH && cell.height >= LEAST_HEIGHT)) return null;
  const columns = between(-zoom.x * width, width, cell.width, map.width);
  const rows = between(-zoom.y * height, height, cell.height, map.height);
  return rows.flatMap((row) =>
    columns.map((column) => ({
      ...{ column, row, value: map.data[row * map.width + column] ?? Number.NaN },
      left: zoom.x * width + (column + 0.5) * cell.width,
      top: zoom.y * height + (row + 0.5) * cell.height,
    })),
  );
}

/** Those whose stretch meets the frame. */
function between(from: number, length: number, each: number, most: number): readonly number[] {
  const first = Math.max(0, Math.floor(from / each));
  const end = Math.min(most, Math.ceil((from + length) / each));
  return Array.from({ length: Math.max(0, end - first) }, (_, i) => first + i);
}
