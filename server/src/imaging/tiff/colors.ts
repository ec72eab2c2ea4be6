/** Samples of a TIFF as 8-bit RGB, by the arithmetic of libtiff 4.6 (tif_getimage.c), through which OpenCV reads TIFF. */

import { PictureError } from '../problems';
import type { Directory } from './directory';
import { Photometric, Tag } from './layout';
import type { TiffLayout } from './layout';
import type { Painter } from './samples';
import { subsamplingOf, yCbCrToRgb } from './ycbcr';

/** How pixels of this layout are painted, alpha included. @throws PictureError */
export function painterOf(directory: Directory, layout: TiffLayout): Painter {
  const { photometric, bits } = layout;
  switch (photometric) {
    case Photometric.WhiteIsZero:
    case Photometric.BlackIsZero:
      return grayPainter(layout);
    case Photometric.Palette:
      return palettePainter(directory, bits);
    case Photometric.Cmyk:
      return (samples, s, rgb, o) => {
        const k = 255 - (samples[s + 3] as number);
        for (let c = 0; c < 3; c++) rgb[o + c] = (k * (255 - (samples[s + c] as number))) / 255;
      };
    case Photometric.YCbCr:
      // libjpeg has converted what JPEG holds, unless planes are separate.
      if (layout.compression === 'jpeg' && !layout.planar) return copy;
      if (layout.planar) subsamplingOf(directory, true);
      return yCbCrToRgb(directory);
    default:
      return rgbPainter(layout);
  }
}

const copy: Painter = (samples, s, rgb, o) => {
  rgb[o] = samples[s] as number;
  rgb[o + 1] = samples[s + 1] as number;
  rgb[o + 2] = samples[s + 2] as number;
};

/** 16 bits to 8 as libtiff does for RGB, by rounding; gray is shifted instead. */
const narrow = (value: number): number => ((value + 128) / 257) | 0;

function grayPainter({ bits, photometric, planar, alpha }: TiffLayout): Painter {
  const range = (1 << Math.min(bits, 8)) - 1;
  // libtiff forgets that white is 0 where planes are separate.
  const inverted = photometric === Photometric.WhiteIsZero && !planar;
  const levels = Uint8Array.from({ length: range + 1 }, (_, v) => ((inverted ? range - v : v) * 255) / range);
  const level = (value: number): number => {
    if (bits < 16) return levels[value] as number;
    return levels[planar ? narrow(value) : value >> 8] as number;
  };
  // ... and multiplies by alpha there.
  const multiplied = planar && alpha === 'unassociated';
  return (samples, s, rgb, o) => {
    const v = level(samples[s] as number);
    const gray = multiplied ? times(v, byteOf(samples[s + 1] as number, bits)) : v;
    rgb[o] = rgb[o + 1] = rgb[o + 2] = gray;
  };
}

/** A color that alpha is to be multiplied into, rounded as in libtiff. */
const times = (value: number, alpha: number): number => ((value * alpha + 127) / 255) | 0;

const byteOf = (value: number, bits: number): number => (bits === 16 ? narrow(value) : value);

function palettePainter(directory: Directory, bits: number): Painter {
  const entries = 1 << bits;
  const map = directory.numbers(Tag.ColorMap, 3 * entries);
  if (map === null || map.length < 3 * entries)
    throw PictureError.damaged('its palette is missing or too short');
  // Some writers give 8 bits where 16 are due.
  const narrowed = map.every((value) => value < 256) ? map : map.map((value) => value >> 8);
  const colors = Uint8Array.from(narrowed);
  return (samples, s, rgb, o) => {
    const index = samples[s] as number;
    rgb[o] = colors[index] as number;
    rgb[o + 1] = colors[entries + index] as number;
    rgb[o + 2] = colors[2 * entries + index] as number;
  };
}

/** Colors that alpha has not been multiplied into are multiplied. */
function rgbPainter({ bits, alpha }: TiffLayout): Painter {
  if (alpha === 'unassociated')
    return (samples, s, rgb, o) => {
      const a = byteOf(samples[s + 3] as number, bits);
      for (let c = 0; c < 3; c++) rgb[o + c] = times(byteOf(samples[s + c] as number, bits), a);
    };
  if (bits === 8) return copy;
  return (samples, s, rgb, o) => {
    for (let c = 0; c < 3; c++) rgb[o + c] = narrow(samples[s + c] as number);
  };
}
