/** Values as 8-bit pictures in true colors. */
import type { RgbImage } from '../../imaging/image';
import { greatest, least } from '../../../../painting/reduce';
import type { ChannelName, Pixels, Value } from './step';

const RGB: readonly ChannelName[] = ['red', 'green', 'blue'];

/** The value after each step, from which a picture is drawn. */
interface Stage {
  readonly after: Value;
  readonly placement: unknown;
}

/**
 * The picture as the network sees it: the value after the last step that moved pixels, before its numbers
 * were changed.
 */
export function seenPicture(pixels: Pixels, stages: readonly Stage[]): RgbImage {
  const last = stages.findLast(({ placement }) => placement !== null);
  return pictureOf(last === undefined ? pixels : last.after);
}

/**
 * Pixels as they are; planes scaled from 0..1 or 0..255 if they are within it, else from their minimum to
 * their maximum.
 */
export function pictureOf(value: Value): RgbImage {
  const { width, height, channels } = value;
  const sources = RGB.map((name) => Math.max(channels.indexOf(name), 0));
  if (value.type === 'uint8' && channels.length === 3 && sources.every((source, at) => source === at))
    return { width, height, data: value.data };
  const data = new Uint8Array(width * height * 3);
  const range = value.type === 'uint8' ? null : scaleOf(value.planes);
  sources.forEach((source, target) => {
    if (value.type === 'uint8') copyBytes(value.data, source, channels.length, data, target);
    else if (range !== null) toBytes(value.planes[source] as Float32Array, range, data, target);
  });
  return { width, height, data };
}

interface Scale {
  readonly black: number;
  readonly white: number;
}

function scaleOf(planes: readonly Float32Array[]): Scale {
  const low = Math.min(...planes.map(least));
  const high = Math.max(...planes.map(greatest));
  const white = [1, 255].find((limit) => low >= 0 && high <= limit);
  return white === undefined ? { black: low, white: high } : { black: 0, white };
}

function copyBytes(from: Uint8Array, source: number, step: number, out: Uint8Array, target: number): void {
  for (let i = source, o = target; i < from.length; i += step, o += 3) out[o] = from[i] as number;
}

function toBytes(values: Float32Array, { black, white }: Scale, out: Uint8Array, target: number): void {
  const factor = white > black ? 255 / (white - black) : 0;
  for (let i = 0, o = target; i < values.length; i++, o += 3) {
    const level = ((values[i] as number) - black) * factor + 0.5;
    out[o] = level < 0 ? 0 : level > 255 ? 255 : level;
  }
}
