/** Cropping and padding in one: a window onto a picture that may reach beyond its borders. */
import { pickPixels, pickPlane } from '../../imaging/resampling/pick';
import { LensError } from '../../errors';
import type { Size, Value } from './step';
import { perChannel, requireRoom } from './step';

/** What is beyond the border: a color, the picture mirrored at its border pixel, or that pixel. */
export type Beyond = 'constant' | 'reflect' | 'edge';

export interface Window extends Size {
  /** Of its top left corner in the picture; negative if it begins outside. */
  readonly x: number;
  readonly y: number;
}

/** @param fill of `constant`: on the scale of the values, one number for all channels or one for each */
export function windowOf(
  value: Value,
  window: Window,
  beyond: Beyond = 'constant',
  fill: number | readonly number[] = 0,
): Value {
  requireRoom(window);
  const columns = indices(window.x, window.width, value.width, beyond);
  const rows = indices(window.y, window.height, value.height, beyond);
  const { width, height } = window;
  const color = perChannel('fill', fill, value.channels);
  const filled = columns.includes(BEYOND) || rows.includes(BEYOND);
  const [inColumns, inRows] = filled ? [within(columns), within(rows)] : [columns, rows];
  if (value.type === 'uint8') {
    const { data } = pickPixels({ ...value, channels: value.channels.length }, inColumns, inRows);
    if (filled)
      value.channels.forEach((_, channel) =>
        paint(data, columns, rows, channel, value.channels.length, levelOf(color(channel))),
      );
    return { ...value, width, height, data };
  }
  const planes = value.planes.map((plane, channel) => {
    const out = pickPlane(plane, value.width, inColumns, inRows);
    if (filled) paint(out, columns, rows, 0, 1, color(channel));
    return out;
  });
  return { ...value, width, height, planes };
}

/** Marks a position outside of the picture. */
const BEYOND = -1;

const within = (positions: Int32Array): Int32Array => positions.map((at) => Math.max(at, 0));

function indices(start: number, count: number, length: number, beyond: Beyond): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => {
    const at = start + i;
    if (at >= 0 && at < length) return at;
    if (beyond === 'constant') return BEYOND;
    if (beyond === 'edge' || length === 1) return at < 0 ? 0 : length - 1;
    const period = 2 * (length - 1);
    const folded = ((at % period) + period) % period;
    return folded < length ? folded : period - folded;
  });
}

function paint(
  out: Uint8Array | Float32Array,
  columns: Int32Array,
  rows: Int32Array,
  channel: number,
  channels: number,
  color: number,
): void {
  const width = columns.length;
  for (let y = 0; y < rows.length; y++)
    for (let x = 0; x < width; x++)
      if (rows[y] === BEYOND || columns[x] === BEYOND) out[(y * width + x) * channels + channel] = color;
}

/** @throws LensError of kind `usage` where a color is not a level of 8 bits */
function levelOf(color: number): number {
  if (Number.isInteger(color) && color >= 0 && color <= 255) return color;
  throw new LensError(
    'usage',
    `"fill": expected a whole number from 0 to 255, as the pixels have 8 bits here; found ${color}.`,
    { fix: 'Change "fill" in the lens to the scale of the pixels, or put the step after a rescale.' },
  );
}
