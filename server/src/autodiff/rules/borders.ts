/** Gradient of Pad with mirrored, repeated or wrapped borders: y = M x along each axis, so dx = M^T dy. */
import { float32Tensor } from '../../onnx/builder';
import { refuseTable } from '../limits';
import type { GradientContext } from '../rule';
import { at } from '../window';
import { contractAxis } from './resize';

export const borderModes: ReadonlySet<string> = new Set(['reflect', 'edge', 'wrap']);

/**
 * Which element of an axis of `size` an output is. Negative pads crop before the border is made.
 * @param pads before and after the axis
 */
export function borderSource(
  mode: string,
  output: number,
  size: number,
  [before, after]: readonly [number, number],
): number {
  const [first, last] = [Math.max(-before, 0), size - 1 - Math.max(-after, 0)];
  const position = output - Math.max(before, 0);
  const length = last - first + 1;
  const wrapped = (i: number, period: number): number => ((i % period) + period) % period;
  if (mode === 'edge') return first + Math.min(Math.max(position, 0), length - 1);
  if (mode === 'wrap') return first + wrapped(position, length);
  const period = Math.max(2 * (length - 1), 1);
  const turned = wrapped(position, period);
  return first + (turned < length ? turned : period - turned);
}

/** @param pads of all axes, begins first */
export function borderGradient(ctx: GradientContext, pads: readonly number[], mode: string): string {
  const { emit } = ctx;
  const [input, output] = [ctx.shapeOfInput(0), ctx.shapeOfOutput(0)];
  const type = ctx.typeOfInput(0);
  return input.reduce((dy, size, axis) => {
    const [before, after] = [at(pads, axis), at(pads, input.length + axis)];
    const count = at(output, axis);
    if (before === 0 && after === 0) return dy;
    refuseTable(ctx, `its borders along axis ${axis}`, count * size);
    const matrix = new Float32Array(count * size);
    for (let o = 0; o < count; o++) matrix[o * size + borderSource(mode, o, size, [before, after])] = 1;
    const constant = emit.constant('constant/border', float32Tensor([count, size], matrix));
    return contractAxis(ctx, dy, axis, type === 'float32' ? constant : emit.cast(constant, type));
  }, ctx.gradOfOutput(0));
}
