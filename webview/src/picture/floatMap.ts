/** Real-valued planes: cut from bytes of raw maps, and read under the cursor. */
import type { MapSlice } from '../../../protocol/report';

/** Row-major, origin at the top left: `data[y * width + x]`. */
export interface FloatMap {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}

type Size = Pick<MapSlice, 'width' | 'height'>;

const isCount = (number: number): boolean => Number.isSafeInteger(number) && number > 0;

/**
 * The planes that lie one behind the other, each of its size; none if there are not as many values.
 * @param bytes float32, little-endian
 */
export function cutMaps(bytes: ArrayBuffer, sizes: readonly Size[]): readonly FloatMap[] {
  const lengths = sizes.map(({ width, height }) => width * height);
  const whole = sizes.every(({ width, height }) => isCount(width) && isCount(height));
  if (!whole || bytes.byteLength !== 4 * lengths.reduce((sum, length) => sum + length, 0)) return [];
  // This machine's order of bytes: little-endian wherever VS Code runs.
  const all = new Float32Array(bytes);
  let at = 0;
  return sizes.map(({ width, height }, i) => {
    const data = all.subarray(at, (at += lengths[i] ?? 0));
    return { width, height, data };
  });
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
  return cutMaps(decodeBase64(base64), [{ width, height }])[0] ?? null;
}

/** A plain loop: these are megabytes, and a callback for each byte takes ten times as long. */
export function decodeBase64(base64: string): ArrayBuffer {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes.buffer;
}
