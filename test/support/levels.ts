/** The levels of the report's own pictures, written out once more from what they are said to be; the panel's have to equal them. */
import type { FloatMap } from '../../webview/src/picture/floatMap';
import { minMax } from '../../webview/src/picture/levels';
import { blur, resize } from './resample';

/** At or below this range a map shows nothing. */
const blankRange = 1e-8;

/** A vector (a plane of one row) as the smallest square that holds it, zeros after its end. */
export function squareOf(map: FloatMap): FloatMap {
  if (map.height !== 1 || map.width === 1) return map;
  const side = Math.ceil(Math.sqrt(map.width));
  const data = new Float32Array(side * side);
  data.set(map.data);
  return { width: side, height: side, data };
}

/**
 * What `overlay.png` colors: ReLU, resize, min-max, blur, min-max. A vector's square has no ReLU but a min-max in its
 * place, since a vector is shown with its negative part. Null where it is blank.
 */
export function heatLevels(cam: FloatMap, size: number, kind: 'map' | 'vector'): FloatMap | null {
  const positive = kind === 'vector' ? minMax(cam) : relu(cam);
  const scaled = positive && minMax(resize(positive, size, size));
  return scaled && minMax(blur(scaled));
}

const relu = (map: FloatMap): FloatMap => ({
  ...map,
  data: map.data.map((value) => (value < 0 ? 0 : value)),
});

/** Min-max, resize: what `activation.png` colors. Null where it is blank. */
export function activationLevels(mean: FloatMap, size: number): FloatMap | null {
  const scaled = minMax(mean);
  return scaled && resize(scaled, size, size);
}

/** The map before ReLU, zero at 0.5 and the larger of |min|, |max| at the ends. Null where it is blank. */
export function signedLevels(cam: FloatMap, size: number): FloatMap | null {
  let reach = 0;
  for (const value of cam.data) {
    if (!Number.isFinite(value)) return null;
    reach = Math.max(reach, Math.abs(value));
  }
  if (!(reach > blankRange)) return null;
  const centered = { ...cam, data: cam.data.map((value) => 0.5 + value / (2 * reach)) };
  return resize(centered, size, size);
}
