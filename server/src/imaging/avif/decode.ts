/**
 * AVIF as OpenCV reads it. libvips returns RGB converted by libheif, with chroma repeated and other rounding
 * than libavif's. So a copy of the file declares its planes to be RGB, and libvips then returns Y, Cb and Cr
 * as they were coded.
 */

import type { CheckSize, Decoded } from '../decoded';
import type { RgbImage } from '../image';
import { firstFrameOnly } from '../notes';
import { PictureError } from '../problems';
import { readPixels, rgbOf } from '../sharp-decoder';
import type { Pixels } from '../sharp-decoder';
import { placeOf } from '../orientation';
import type { Place } from '../orientation';
import { readAvifInfo } from './boxes';
import type { AvifInfo, AvifTransform } from './boxes';
import { coefficientsOf, yuvToRgb } from './yuv';

/** H.273's matrix for planes that are G, B and R. */
const IDENTITY = 0;

/** @throws PictureError */
export async function decodeAvif(file: Buffer, checkSize: CheckSize): Promise<Decoded> {
  const info = readAvifInfo(file);
  const { sequence, layout, color } = info;
  const copy = Buffer.from(file);
  if (sequence !== null) {
    if (!sequence.stillIsFirst)
      throw PictureError.unsupported('a sequence whose first frame is not a picture of its own');
    copy.write('avif', 8, 'latin1'); // libvips looks at the major brand and then reads the still picture
  }
  const matrix = color === null ? null : coefficientsOf(color.matrix, color.fullRange);
  const stored =
    color !== null &&
    layout !== null &&
    !info.cut &&
    (layout.mono || color.matrix === IDENTITY || matrix !== null);
  if (!stored) {
    const pixels = await readPixels(copy, checkSize);
    return finish(rgbOf(pixels, 'srgb'), pixels, info);
  }
  for (const place of color.places) {
    copy.writeUInt16BE(IDENTITY, place + 8);
    copy[place + 10] = 0x80; // full range
  }
  // Turned after interpolating, which depends on where the samples lie. A mirror has no neutral value, a turn has.
  for (const { place } of info.transforms) {
    copy.write('irot', place, 'latin1');
    copy[place + 4] = 0;
  }
  const wide = layout.bits > 8 && (layout.mono || color.matrix === IDENTITY);
  const pixels = await readPixels(copy, wide ? within(checkSize, layout.bits) : checkSize, wide);
  const { width, height, channels, data } = pixels;
  const image = wide
    ? { width, height, data: narrow(pixels, layout.bits, layout.mono) }
    : layout.mono || matrix === null
      ? rgbOf(pixels, 'srgb')
      : yuvToRgb(
          { width, height, channels, data: data as Uint8Array },
          layout.halfWidth,
          layout.halfHeight,
          matrix,
        );
  return finish(transformed(image, info.transforms), pixels, info);
}

/** 16 bits of three channels are held at once. */
const MOST_WIDE_PIXELS = 50_000_000;

const within =
  (checkSize: CheckSize, bits: number): CheckSize =>
  (width, height) => {
    checkSize(width, height);
    if (width * height > MOST_WIDE_PIXELS)
      throw PictureError.unsupported(
        `${bits} bits per channel and more than 50 megapixels`,
        'Scale it down, or save it with 8 bits.',
      );
  };

/** OpenCV rounds gray to the nearest, ties to even, by 2^(bits - 8); libavif rounds RGB by its largest value. */
function narrow({ data, channels }: Pixels, bits: number, mono: boolean): Uint8Array {
  const shift = 16 - bits; // libvips fills 16 bits from the top
  const [top, step] = [(1 << bits) - 1, 1 << (bits - 8)];
  const level = mono
    ? (value: number) => {
        const floor = Math.floor(value / step);
        const rest = value - floor * step;
        return Math.min(255, floor + (rest > step / 2 || (rest === step / 2 && floor % 2 === 1) ? 1 : 0));
      }
    : (value: number) => Math.floor((value * 255) / top + 0.5);
  const levels = Uint8Array.from({ length: top + 1 }, (_, value) => level(value));
  const pixels = data.length / channels;
  const rgb = new Uint8Array(pixels * 3);
  for (let i = 0, s = 0, o = 0; i < pixels; i++, s += channels, o += 3)
    for (let c = 0; c < 3; c++) rgb[o + c] = levels[(data[s + c] as number) >> shift] as number;
  return rgb;
}

/** In their order: quarter turns counterclockwise, then mirrors. */
function transformed(image: RgbImage, transforms: readonly AvifTransform[]): RgbImage {
  return transforms.reduce<RgbImage>((turned, { kind, value }) => {
    const orientation = kind === 'imir' ? (value === 0 ? 4 : 2) : ([1, 8, 3, 6][value] as number);
    return moved(turned, placeOf({ ...turned, orientation }));
  }, image);
}

function moved({ width, height, data }: RgbImage, place: Place): RgbImage {
  if (place.start === 0 && place.right === 1) return { width, height, data };
  const out = new Uint8Array(data.length);
  for (let y = 0, i = 0; y < height; y++) {
    let o = 3 * (place.start + y * place.down);
    for (let x = 0; x < width; x++, i += 3, o += 3 * place.right) {
      out[o] = data[i] as number;
      out[o + 1] = data[i + 1] as number;
      out[o + 2] = data[i + 2] as number;
    }
  }
  return { width: place.width, height: place.height, data: out };
}

function finish(image: RgbImage, { about }: Pixels, { sequence }: AvifInfo): Decoded {
  const frames = sequence?.frames ?? about.frames;
  const notes = about.notes.filter(({ code }) => code !== 'first-frame-only');
  if (frames > 1) notes.push(firstFrameOnly(frames));
  return { ...about, image, frames, notes };
}
