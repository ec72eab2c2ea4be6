/** Real-valued planes: cut from the report's file of raw maps, and read under the cursor. */
import type { MapSlice } from '../../../protocol/report';

/** Row-major, origin at the top left: `data[y * width + x]`. */
export interface FloatMap {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}

/** The named slice of little-endian float32 values; null if the file is too short for it. */
export function cutMap(file: ArrayBuffer, { offset, width, height }: MapSlice): FloatMap | null {
  const length = width * height;
  const fits = Number.isInteger(offset) && offset >= 0 && offset + 4 * length <= file.byteLength;
  if (!fits || length === 0) return null;
  const view = new DataView(file, offset, 4 * length);
  return { width, height, data: Float32Array.from({ length }, (_, i) => view.getFloat32(4 * i, true)) };
}

/** The cell of the map that lies under a point of its picture; `u` and `v` run from 0 to 1 over the picture. */
export interface Reading {
  readonly column: number;
  readonly row: number;
  readonly value: number;
}

export function readMap(map: FloatMap, u: number, v: number): Reading {
  const column = Math.min(Math.max(Math.floor(u * map.width), 0), map.width - 1);
  const row = Math.min(Math.max(Math.floor(v * map.height), 0), map.height - 1);
  return { column, row, value: map.data[row * map.width + column] ?? Number.NaN };
}

/** A plane from little-endian float32 values in base64; null if their number is another. */
export function decodeMap(base64: string, width: number, height: number): FloatMap | null {
  const bytes = decodeBase64(base64);
  if (bytes.byteLength !== 4 * width * height) return null;
  return cutMap(bytes, { offset: 0, width, height });
}

/** A plain loop: these are megabytes, and a callback for each byte takes ten times as long. */
export function decodeBase64(base64: string): ArrayBuffer {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes.buffer;
}
