/** Pictures of chosen rows and columns: nearest neighbors, crops, margins. */
import type { PixelGrid } from './pixels';

/** The picture whose column x is the source's `columns[x]`, and row y its `rows[y]`. */
export function pickPixels(source: PixelGrid, columns: Int32Array, rows: Int32Array): PixelGrid {
  const { channels } = source;
  const [width, height] = [columns.length, rows.length];
  const data = new Uint8Array(width * height * channels);
  if (followEachOther(columns)) {
    const stride = width * channels;
    const first = columns[0] ?? 0;
    for (let y = 0; y < height; y++) {
      const start = ((rows[y] as number) * source.width + first) * channels;
      data.set(source.data.subarray(start, start + stride), y * stride);
    }
    return { width, height, channels, data };
  }
  for (let y = 0, at = 0; y < height; y++) {
    const start = (rows[y] as number) * source.width;
    for (let x = 0; x < width; x++) {
      const from = (start + (columns[x] as number)) * channels;
      for (let channel = 0; channel < channels; channel++, at++)
        data[at] = source.data[from + channel] as number;
    }
  }
  return { width, height, channels, data };
}

/** As a crop's do. */
function followEachOther(columns: Int32Array): boolean {
  const first = columns[0] ?? 0;
  for (let x = 1; x < columns.length; x++) if (columns[x] !== first + x) return false;
  return true;
}

/** As `pickPixels`, of one float32 plane. @param width of the source */
export function pickPlane(
  source: Float32Array,
  width: number,
  columns: Int32Array,
  rows: Int32Array,
): Float32Array {
  const out = new Float32Array(columns.length * rows.length);
  for (let y = 0, at = 0; y < rows.length; y++) {
    const start = (rows[y] as number) * width;
    for (let x = 0; x < columns.length; x++, at++) out[at] = source[start + (columns[x] as number)] as number;
  }
  return out;
}
