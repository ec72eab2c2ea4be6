/** The last step before the network: planes in its channel order, normalised, as one (1,3,H,W) tensor. */
import type { Moments, Range, Real } from '../../../protocol/report';
import type { FloatMap, RgbImage } from '../imaging/image';
import type { Tensor } from '../runtime/session';

import type { ChannelOrder, Recipe } from './recipe';

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
    for (let i = 0, at = channel; i < values.length; i++, at += 3) values[i] = (data[at] as number) / 255;
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
    for (let i = 0; i < size; i++) data[start + i] = ((values[i] as number) - mean) / std;
  });
  return { type: 'float32', dims: [1, 3, height, width], data };
}

/**
 * Mean, population standard deviation, minimum and maximum, accumulated in double precision. A NaN makes all four NaN, as
 * in NumPy.
 */
export function rangeOf(values: Float32Array): Range {
  let sum = 0;
  let min = Infinity;
  let max = -Infinity;
  for (const v of values) {
    if (Number.isNaN(v)) return { mean: 'NaN', std: 'NaN', min: 'NaN', max: 'NaN' };
    sum += v;
    if (v < min) min = v;
    if (v > max) max = v;
  }
  const mean = sum / values.length;
  let squares = 0;
  for (const v of values) squares += (v - mean) * (v - mean);
  return { mean: real(mean), std: real(Math.sqrt(squares / values.length)), min: real(min), max: real(max) };
}

export function momentsOf(values: Float32Array): Moments {
  const { mean, std } = rangeOf(values);
  return { mean, std };
}

/** JSON has no NaN and no infinity: they are spelt out. */
export function real(value: number): Real {
  if (Number.isFinite(value)) return value;
  if (Number.isNaN(value)) return 'NaN';
  return value > 0 ? 'Infinity' : '-Infinity';
}
