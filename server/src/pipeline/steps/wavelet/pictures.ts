/** Pictures of the wavelet step, on a fixed scale, so that two runs can be compared. */
import type { FloatMap, GrayImage, RgbImage } from '../../../imaging/image';
import type { ChannelName, Planes } from '../step';
import { GAIN } from './blend';

const RGB: readonly ChannelName[] = ['red', 'green', 'blue'];

/** The blended planes in true colors, on a fixed scale: full brightness is (GAIN + 1) / 2 of the image's. */
export function blendedPicture({ width, height, channels, planes }: Planes): RgbImage {
  const data = new Uint8Array(width * height * 3);
  const scale = 255 / ((GAIN + 1) / 2);
  RGB.forEach((name, position) => {
    const plane = planes[channels.indexOf(name)] ?? planes[0];
    if (plane !== undefined) toBytes(plane, scale, data, position, 3);
  });
  return { width, height, data };
}

/** One approximation as gray levels, on a fixed scale: white is GAIN. */
export function approximationPicture({ width, height, data }: FloatMap): GrayImage {
  const levels = new Uint8Array(data.length);
  toBytes(data, 255 / GAIN, levels, 0, 1);
  return { width, height, data: levels };
}

/** round(value * scale), clamped to 0..255, into every `step`-th byte from `start` on. */
function toBytes(values: Float32Array, scale: number, out: Uint8Array, start: number, step: number): void {
  for (let i = 0, o = start; i < values.length; i++, o += step) {
    const level = (values[i] as number) * scale + 0.5;
    out[o] = level < 0 ? 0 : level > 255 ? 255 : level;
  }
}
