/** Raw maps that the editor has sent, and those that a report needs before it can replace another one. */
import type { MapBytes } from '../../../protocol/panel';
import type { MapSlice, Report } from '../../../protocol/report';
import { decodeMap, type FloatMap } from '../picture/floatMap';

/** By the byte at which they begin in the report's file. */
export type Maps = ReadonlyMap<number, FloatMap>;

/** Of the parts of the page that are mounted: how many show each map. */
export interface MapRequests {
  /** @returns what to call when it is shown no more */
  readonly show: (slice: MapSlice) => () => void;
}

/** Above this many values the oldest maps are dropped; a view that shows one of them asks again. */
const MOST_VALUES = 16e6;

export function withMaps(before: Maps, came: readonly MapBytes[]): Maps {
  const maps = new Map(before);
  for (const { slice, base64 } of came) {
    const map = decodeMap(base64, slice.width, slice.height);
    if (map) maps.set(slice.offset, map);
  }
  let values = 0;
  for (const { data } of maps.values()) values += data.length;
  for (const [offset, { data }] of maps) {
    if (values <= MOST_VALUES) break;
    maps.delete(offset);
    values -= data.length;
  }
  return maps;
}

/** The slices of `next` that show what the given ones show of `now`: of the same layer, by the same method. */
export function sameSlices(now: Report, next: Report, shown: ReadonlySet<number>): readonly MapSlice[] {
  const layers = new Map(next.layers.map((layer) => [layer.name, layer]));
  return now.layers.flatMap(({ name, activation, heatmaps }) => {
    const other = layers.get(name);
    if (!other) return [];
    const maps = heatmaps.filter(({ map }) => shown.has(map.offset)).map(({ method }) => method);
    return [
      ...(shown.has(activation.map.offset) ? [other.activation.map] : []),
      ...other.heatmaps.filter(({ method }) => maps.includes(method)).map(({ map }) => map),
    ];
  });
}
