/** The channels in the network's order, or one gray channel of them. Float32 planes are reordered without being copied. */
import { LensError } from '../../../errors';
import type { ChannelName, Pixels, Planes, StepKind, Value } from '../step';
import { grayPixels, grayPlane } from './gray';

const ORDERS: Readonly<Record<'RGB' | 'BGR' | 'gray', readonly ChannelName[]>> = {
  RGB: ['red', 'green', 'blue'],
  BGR: ['blue', 'green', 'red'],
  gray: ['gray'],
};

export const channels: StepKind<'channels', null> = {
  id: 'channels',
  run(value, { order, weights }) {
    const wanted = ORDERS[order];
    if (order === 'gray' && value.channels.length > 1) return { value: grayOf(value, weights), detail: null };
    const sources = wanted.map((name) => positionOf(value, name));
    return {
      value: value.type === 'uint8' ? picked(value, wanted, sources) : reordered(value, wanted, sources),
      detail: null,
    };
  },
  facts: ({ config: { order, weights }, before }) => [
    { label: 'Order', value: order },
    ...(order === 'gray' && before.channels.length > 1 ? [{ label: 'Weights', value: weights }] : []),
  ],
};

/** A gray picture has the same in every color. */
function positionOf({ channels: names }: Value, name: ChannelName): number {
  const at = names.indexOf(name);
  return at === -1 ? names.indexOf('gray') : at;
}

function picked(
  { width, height, channels: names, data }: Pixels,
  wanted: readonly ChannelName[],
  sources: readonly number[],
): Pixels {
  const [from, to] = [names.length, wanted.length];
  const out = new Uint8Array(width * height * to);
  sources.forEach((source, target) => copyChannel(data, source, from, out, target, to));
  return { type: 'uint8', width, height, channels: wanted, data: out };
}

function copyChannel(
  data: Uint8Array,
  source: number,
  from: number,
  out: Uint8Array,
  target: number,
  to: number,
): void {
  for (let i = source, o = target; i < data.length; i += from, o += to) out[o] = data[i] as number;
}

const reordered = (value: Planes, wanted: readonly ChannelName[], sources: readonly number[]): Planes => ({
  ...value,
  channels: wanted,
  planes: sources.map((source) => value.planes[source] as Float32Array),
});

function grayOf(value: Value, weights: 'pillow' | 'opencv' | 'torch'): Value {
  const { width, height } = value;
  const at = ORDERS.RGB.map((name) => value.channels.indexOf(name));
  const [red, green, blue] = at as [number, number, number];
  if (at.includes(-1))
    throw new LensError('internal', `No gray can be made of the channels ${value.channels.join(', ')}.`);
  if (value.type === 'float32') {
    const planes = [red, green, blue].map((channel) => value.planes[channel] as Float32Array);
    return { type: 'float32', width, height, channels: ORDERS.gray, planes: [grayPlane(planes, weights)] };
  }
  const data = grayPixels(value.data, value.channels.length, [red, green, blue], weights);
  return { type: 'uint8', width, height, channels: ORDERS.gray, data };
}
