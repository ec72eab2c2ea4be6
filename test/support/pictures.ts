/** The working-memory objects of imaging/ as plain functions from picture to picture, as tests want them. */
import { COLOR_MAPS } from '../../server/src/imaging/color-maps';
import { Heatmaps, ScaledMaps, blurredBands } from '../../painting/heatmap';
import type { FloatMap, RgbImage } from '../../server/src/imaging/image';
import { Kernels } from '../../server/src/imaging/kernels';
import { PngEncoder, placeColors } from '../../server/src/imaging/png/encoder';
import { Resampler } from '../../painting/resample';
import type { RangedValues } from '../../painting/separable';
import { decodePng } from './png';

/** A map, and its range as its values alone do not tell it. */
export interface Ranged {
  readonly map: FloatMap;
  readonly min: number;
  readonly max: number;
}

const taken = ({ room, min, max }: RangedValues, width: number, height: number): Ranged => ({
  map: { width, height, data: room.float32(width * height).slice() },
  min,
  max,
});

/** As `Heatmaps` leaves it. */
export function rawHeatmap(map: FloatMap, width: number, height: number): Ranged & { blank: boolean } {
  const heat = new Heatmaps(new Kernels(), width, height).of(map);
  return { ...taken(heat, width, height), blank: heat.blank };
}

/** 0..1 by its range. */
export function heatmap(map: FloatMap, width: number, height: number): { map: FloatMap; blank: boolean } {
  const { map: raw, min, max, blank } = rawHeatmap(map, width, height);
  return { map: { width, height, data: raw.data.map((v) => (v - min) / (max - min)) }, blank };
}

/** As `ScaledMaps` leaves it. */
export const scaledMap = (map: FloatMap, width: number, height: number): Ranged =>
  taken(new ScaledMaps(new Kernels(), width, height).of(map), width, height);

/** `cv2.GaussianBlur(map, (15, 15), 0)`. */
export function gaussianBlur(map: FloatMap): FloatMap {
  const { width, height } = map;
  const resampler = new Resampler(new Kernels(), width, height, blurredBands);
  resampler.load(map);
  return taken(resampler.resample(map), width, height).map;
}

export const unit = (map: FloatMap): Ranged => ({ map, min: 0, max: 1 });

function place({ map, min, max }: Ranged): { encoder: PngEncoder; values: RangedValues } {
  const encoder = new PngEncoder();
  const room = encoder.kernels.room(4 * map.data.length);
  room.float32(map.data.length).set(map.data);
  return { encoder, values: { room, min, max } };
}

/** The levels of the palette picture that is drawn of it. */
export function levelsOf(ranged: Ranged): Uint8Array {
  const { encoder, values } = place(ranged);
  const { width, height } = ranged.map;
  return decodePng(encoder.map(values, width, height, COLOR_MAPS.gray)).samples;
}

/** RGB bytes of the overlay that is drawn of it. */
export function overlay({ width, height, data }: RgbImage, ranged: Ranged, table: Uint8Array): Uint8Array {
  const { encoder, values } = place(ranged);
  const picture = encoder.kernels.room(data.length);
  picture.bytes(data.length).set(data);
  const colors = placeColors(encoder.kernels, table);
  return decodePng(encoder.overlay(values, width, height, picture, colors)).samples;
}

/** Every level replaced by its color: RGB bytes. */
export const colorise = (levels: Uint8Array, table: Uint8Array): Uint8Array =>
  Uint8Array.from({ length: levels.length * 3 }, (_, i) => table[levels[Math.floor(i / 3)]! * 3 + (i % 3)]!);
