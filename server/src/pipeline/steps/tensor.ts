/** The last step before the network: planes in its channel order, normalised, as one (1,3,H,W) tensor. */
import type { Moments, Range, Real } from '../../../../protocol/report';
import type { FloatMap, RgbImage } from '../../imaging/image';
import { greatest, least, squaredDeviations, sum } from '../../imaging/reduce';
import type { Tensor } from '../../runtime/session';

import type { ChannelOrder, Recipe } from '../recipe';

export type Plane = 'red' | 'green' | 'blue';
export type Planes = Readonly<Record<Plane, FloatMap>>;

const rgb: readonly Plane[] = ['red', 'green', 'blue'];

/** The planes in the order in which the network receives them. */
export const planesInOrder = (order: ChannelOrder): readonly Plane[] =>
  order === 'RGB' ? rgb : rgb.toReversed();

/** The three colour planes, value / 255. */
export function toPlanes({ width, height, data }: RgbImage): Planes {
  const plane = (channel: number): FloatMap => {
    const values = new Float32Array(width * height);
    takeChannel(data, channel, values);
    return { width, height, data: values };
  };
  return { red: plane(0), green: plane(1), blue: plane(2) };
}

/** (v - mean) / std per plane where the recipe normalises, then stacked in its channel order. */
export function toTensor(
  planes: Planes,
  recipe: Pick<Recipe, 'channelOrder' | 'normalisation'>,
): Extract<Tensor, { type: 'float32' }> {
  const { width, height } = planes.red;
  const size = width * height;
  const data = new Float32Array(3 * size);
  planesInOrder(recipe.channelOrder).forEach((name, position) => {
    const values = planes[name].data;
    const index = rgb.indexOf(name);
    const mean = recipe.normalisation?.mean[index] ?? 0;
    const std = recipe.normalisation?.std[index] ?? 1;
    const start = position * size;
    normalise(values, mean, std, data, start);
  });
  return { type: 'float32', dims: [1, 3, height, width], data };
}

function takeChannel(rgbData: Uint8Array, channel: number, out: Float32Array): void {
  for (let i = 0, at = channel; i < out.length; i++, at += 3) out[i] = (rgbData[at] as number) / 255;
}

function normalise(values: Float32Array, mean: number, std: number, out: Float32Array, start: number): void {
  for (let i = 0; i < values.length; i++) out[start + i] = ((values[i] as number) - mean) / std;
}

/**
 * Mean, population standard deviation, minimum and maximum, accumulated in double precision. A NaN makes all four NaN, as
 * in NumPy.
 */
export function rangeOf(values: Float32Array): Range {
  const moments = momentsOf(values);
  return moments.mean === 'NaN' && values.some(Number.isNaN)
    ? { mean: 'NaN', std: 'NaN', min: 'NaN', max: 'NaN' }
    : { ...moments, min: real(least(values)), max: real(greatest(values)) };
}

/** Mean and deviation alone. A NaN makes both NaN, and so do infinities of both signs. */
export function momentsOf(values: Float32Array): Moments {
  const mean = sum(values) / values.length;
  return { mean: real(mean), std: real(Math.sqrt(squaredDeviations(values, mean) / values.length)) };
}

/** JSON has no NaN and no infinity: they are spelt out. */
export function real(value: number): Real {
  if (Number.isFinite(value)) return value;
  if (Number.isNaN(value)) return 'NaN';
  return value > 0 ? 'Infinity' : '-Infinity';
}
