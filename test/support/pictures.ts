/** The working-memory objects of imaging/ as plain functions from picture to picture, as tests want them. */
import { Heatmaps, blurredBands } from '../../server/src/imaging/heatmap';
import type { FloatMap, RgbImage } from '../../server/src/imaging/image';
import { blend, toLevels } from '../../server/src/imaging/overlay';
import { packColours, packRgb, unpackRgb } from '../../server/src/imaging/packed';
import { Resampler } from '../../server/src/imaging/resample';
import type { RangedMap } from '../../server/src/imaging/resample';

/** 0..1 by its range. */
export function heatmap(map: FloatMap, width: number, height: number): { map: FloatMap; blank: boolean } {
  const { data, min, max, blank } = new Heatmaps(width, height).of(map);
  return { map: { width, height, data: data.map((v) => (v - min) / (max - min)) }, blank };
}

/** `cv2.GaussianBlur(map, (15, 15), 0)`. */
export function gaussianBlur({ width, height, data }: FloatMap): FloatMap {
  const blurred = new Resampler(width, height, blurredBands).resample(Float64Array.from(data), width, height);
  return { width, height, data: blurred.data };
}

export const unit = ({ data }: FloatMap): RangedMap => ({ data, min: 0, max: 1 });

export function levelsOf(map: RangedMap): Uint8Array {
  const levels = new Uint8Array(map.data.length);
  toLevels(map, levels);
  return levels;
}

export function packedOf({ width, height, data }: RgbImage): Int32Array {
  const pixels = new Int32Array(width * height);
  packRgb(data, pixels);
  return pixels;
}

/** RGB bytes. */
export function overlay(picture: RgbImage, map: RangedMap, table: Uint8Array): Uint8Array {
  const out = new Int32Array(picture.width * picture.height);
  blend(packedOf(picture), map, packColours(table), out);
  return unpackRgb(out);
}

/** Every level replaced by its colour: RGB bytes. */
export const colourise = (levels: Uint8Array, table: Uint8Array): Uint8Array =>
  Uint8Array.from({ length: levels.length * 3 }, (_, i) => table[levels[Math.floor(i / 3)]! * 3 + (i % 3)]!);
