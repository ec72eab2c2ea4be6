/** From a raw map to 0..1 for the color table, the same way as the report's own pictures, or signed around zero. */
import type { FloatMap } from './floatMap';
import { blur, resize } from './resample';

/** At or below this range a map shows nothing. */
const blankRange = 1e-8;

/** Min-max to 0..1; null where the range is blank or something is not finite. */
export function minMax(map: FloatMap): FloatMap | null {
  let min = Infinity;
  let max = -Infinity;
  for (const value of map.data) {
    if (!Number.isFinite(value)) return null;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  if (!(max - min > blankRange)) return null;
  return { ...map, data: map.data.map((value) => (value - min) / (max - min)) };
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
