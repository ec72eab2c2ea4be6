/** Raw maps that the editor has sent, and those that a report needs before it can replace another one. */
import type { MapSlice, Report } from '../../../protocol/report';
import type { PartialReport } from '../../../protocol/requests';
import { cutMaps, type FloatMap } from '../picture/floatMap';

/** By the byte at which they begin in the report's file. */
export type Maps = ReadonlyMap<number, FloatMap>;

/** Of the parts of the page that are mounted: how many show each map. */
export interface MapRequests {
  /** @returns what to call when it is shown no more */
  readonly show: (slice: MapSlice) => () => void;
}

/** Above this many values the oldest maps are dropped; a view that shows one of them asks again. */
const MOST_VALUES = 16e6;

/** @param bytes of the maps, one behind the other */
export function withMaps(before: Maps, slices: readonly MapSlice[], bytes: ArrayBuffer): Maps {
  const maps = new Map(before);
  for (const [i, map] of cutMaps(bytes, slices).entries()) maps.set((slices[i] as MapSlice).offset, map);
  let values = 0;
  for (const { data } of maps.values()) values += data.length;
  for (const [offset, { data }] of maps) {
    if (values <= MOST_VALUES) break;
    maps.delete(offset);
    values -= data.length;
  }
  return maps;
}

/** What is known of a report's layers, whole or before it is. */
type Known = Pick<PartialReport, 'input' | 'model' | 'layers'>;

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

type Activation = Report['layers'][number]['activation'];

/** What was computed, whatever files it lies in. */
const numbersOf = ({ min, max, mean, std, zeros, nan, inf }: Activation) => [
  ...[min, max, mean, std],
  ...[zeros, nan, inf],
];

/**
 * Activations do not depend on the target. Those of the same picture and weights, whose numbers are equal in both reports, are the same
 * maps; each by where it begins in `next`.
 */
export function unchangedMaps(
  now: Report,
  next: Known,
  maps: Maps,
): readonly (readonly [number, FloatMap])[] {
  if (now.input.sha256 !== next.input?.sha256 || !same(now.model, next.model)) return [];
  const layers = new Map(next.layers?.map((layer) => [layer.name, layer.activation]));
  return now.layers.flatMap(({ name, activation }) => {
    const other = layers.get(name);
    const known = maps.get(activation.map.offset);
    if (!other || !known) return [];
    const { width, height, offset } = other.map;
    const fits = width === known.width && height === known.height;
    return fits && same(numbersOf(activation), numbersOf(other)) ? [[offset, known] as const] : [];
  });
}

/** The slices of `next` that show what the given ones show of `now`, of the same layer, by the same method, and are other maps. */
export function otherSlices(
  now: Report,
  next: Known,
  { maps, shown }: { readonly maps: Maps; readonly shown: ReadonlySet<number> },
): readonly MapSlice[] {
  const unchanged = new Set(unchangedMaps(now, next, maps).map(([offset]) => offset));
  const layers = new Map(next.layers?.map((layer) => [layer.name, layer]));
  return now.layers.flatMap(({ name, activation, heatmaps }) => {
    const other = layers.get(name);
    if (!other) return [];
    const methods = heatmaps.filter(({ map }) => shown.has(map.offset)).map(({ method }) => method);
    return [
      ...(shown.has(activation.map.offset) ? [other.activation.map] : []),
      ...other.heatmaps.filter(({ method }) => methods.includes(method)).map(({ map }) => map),
    ].filter(({ offset }) => !unchanged.has(offset));
  });
}
