/** From a map to 0..1 for the color table. */
import type { FloatMap } from './floatMap';

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
