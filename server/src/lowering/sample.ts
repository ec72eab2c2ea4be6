/** Interpolates an image between its pixels with gathers, so that gradients reach the image and the positions. */
import type { Emitter } from '../autodiff/emitter';
import type { DataType } from '../onnx/model';
import { product, range } from './lowering';

export type Border = 'zeros' | 'border' | 'reflection';

export interface Sampled {
  readonly image: string;
  /** (N, C, spatial...). */
  readonly dims: readonly number[];
  readonly type: DataType;
  /** One tensor (N, 1, P) for each spatial axis: the position in pixels. */
  readonly positions: readonly string[];
  readonly points: number;
  readonly mode: 'nearest' | 'linear' | 'cubic';
  readonly border: Border;
  /** Whether the border lies on the centers of the outermost pixels, about which it is mirrored then. */
  readonly aligned: boolean;
}

/** A neighbor along one axis: its index (whole, anywhere) and its weight; null is 1. */
interface Tap {
  readonly index: string;
  readonly weight: string | null;
}

/** Coefficient of the cubic kernel, as in PyTorch and onnxruntime. */
const CUBIC = -0.75;

/** (N, C, P): sum over the neighbors of each position. */
export function sampled(emit: Emitter, s: Sampled): string {
  const [n = 1, c = 1] = s.dims;
  const space = s.dims.slice(2);
  const flat = emit.reshape(s.image, [n, c, product(space)]);
  const along = s.positions.map((position, axis) =>
    taps(emit, s, position).map((tap) => placed(emit, s, tap, space[axis] ?? 1)),
  );
  const corners = along.reduce<readonly (readonly Placed[])[]>(
    (all, choices) => all.flatMap((corner) => choices.map((choice) => [...corner, choice])),
    [[]],
  );
  const values = corners.map((corner) => {
    const index = corner.reduce((sum, { index: at }, axis) => {
      const step = product(space.slice(axis + 1));
      const offset = step === 1 ? at : emit.mul(at, emit.scalar(step, s.type));
      return sum === '' ? offset : emit.add(sum, offset);
    }, '');
    const picks = emit.expand(emit.cast(index, 'int64'), [n, c, s.points]);
    const pixel = emit.op('GatherElements', [flat, picks], { axis: 2 });
    return corner
      .flatMap(({ weight }) => weight ?? [])
      .reduce((value, weight) => emit.mul(value, weight), pixel);
  });
  return values.reduce((sum, value) => emit.add(sum, value));
}

/** The neighbors along one axis. Integer parts have no gradient: it passes through the weights. */
function taps(emit: Emitter, { mode, type }: Sampled, position: string): readonly Tap[] {
  const c = (value: number): string => emit.scalar(value, type);
  if (mode === 'nearest') return [{ index: emit.op('Round', [position]), weight: null }];
  const base = emit.op('Floor', [position]);
  const t = emit.sub(position, base);
  const rest = emit.sub(c(1), t);
  if (mode === 'linear')
    return [
      { index: base, weight: rest },
      { index: emit.add(base, c(1)), weight: t },
    ];
  // Inside: ((a + 2) d - (a + 3)) d^2 + 1; outside: ((a d - 5 a) d + 8 a) d - 4 a.
  const near = (d: string): string =>
    emit.add(emit.mul(emit.sub(emit.mul(c(CUBIC + 2), d), c(CUBIC + 3)), emit.mul(d, d)), c(1));
  const far = (d: string): string => {
    const inner = emit.add(emit.mul(emit.sub(emit.mul(c(CUBIC), d), c(5 * CUBIC)), d), c(8 * CUBIC));
    return emit.sub(emit.mul(inner, d), c(4 * CUBIC));
  };
  const weights = [far(emit.add(t, c(1))), near(t), near(rest), far(emit.add(rest, c(1)))];
  return weights.map((weight, i) => ({ index: emit.add(base, c(i - 1)), weight }));
}

interface Placed {
  /** Within the axis. */
  readonly index: string;
  readonly weight: string | null;
}

/** Positions outside count as zero, as the nearest pixel, or as their mirror image. */
function placed(
  emit: Emitter,
  { border, aligned, type }: Sampled,
  { index, weight }: Tap,
  size: number,
): Placed {
  const c = (value: number): string => emit.scalar(value, type);
  const clamped = (at: string): string => emit.op('Clip', [at, c(0), c(size - 1)]);
  if (border === 'border') return { index: clamped(index), weight };
  if (border === 'zeros') {
    const inside = clamped(index);
    const counts = emit.indicator(emit.op('Equal', [index, inside]), type);
    return { index: inside, weight: weight === null ? counts : emit.mul(weight, counts) };
  }
  if (size === 1) return { index: clamped(index), weight };
  // Mirrored about the centers of the outermost pixels, or about their outer edges, where each pixel comes twice.
  const period = aligned ? 2 * (size - 1) : 2 * size;
  const turned = aligned ? index : emit.add(index, c(0.5));
  const wrapped = emit.op('Mod', [emit.op('Abs', [turned]), c(period)], { fmod: 1 });
  const back = emit.op('Min', [wrapped, emit.sub(c(period), wrapped)]);
  return { index: clamped(aligned ? back : emit.op('Floor', [back])), weight };
}

/** One tensor (N, 1, P) for each spatial axis, from (N, P, axes) with the last axis of the image first. */
export function positionsOf(
  emit: Emitter,
  points: string,
  dims: readonly [number, number, number],
): readonly string[] {
  const [n, count, axes] = dims;
  const columns = emit.split(
    points,
    2,
    range(axes).map(() => 1),
  );
  return [...columns].reverse().map((column) => emit.reshape(column, [n, 1, count]));
}
