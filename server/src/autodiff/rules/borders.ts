/** Gradient of Pad with mirrored, repeated or wrapped borders: y = M x along each axis, so dx = M^T dy. */
import { float32Tensor } from '../../onnx/builder';
import { refuseTable } from '../limits';
import type { GradientContext } from '../rule';
import { at } from '../window';
import { contractAxis } from './resize';

export const borderModes: ReadonlySet<string> = new Set(['reflect', 'edge', 'wrap']);

/** Which element of an axis of `size` stands at a position that may lie outside of it. */
function sourceOf(mode: string, position: number, size: number): number {
  const wrapped = (i: number, period: number): number => ((i % period) + period) % period;
  if (mode === 'edge') return Math.min(Math.max(position, 0), size - 1);
  if (mode === 'wrap') return wrapped(position, size);
  const period = Math.max(2 * (size - 1), 1);
  const turned = wrapped(position, period);
  return turned < size ? turned : period - turned;
}

/** @param pads of all axes, begins first */
export function borderGradient(ctx: GradientContext, pads: readonly number[], mode: string): string {
  const { emit } = ctx;
  const [input, output] = [ctx.shapeOfInput(0), ctx.shapeOfOutput(0)];
  const type = ctx.typeOfInput(0);
  return input.reduce((dy, size, axis) => {
    const before = at(pads, axis);
    const count = at(output, axis);
    if (before === 0 && count === size) return dy;
    refuseTable(ctx, `its borders along axis ${axis}`, count * size);
    const matrix = new Float32Array(count * size);
    for (let o = 0; o < count; o++) matrix[o * size + sourceOf(mode, o - before, size)] = 1;
    const constant = emit.constant('constant/border', float32Tensor([count, size], matrix));
    return contractAxis(ctx, dy, axis, type === 'float32' ? constant : emit.cast(constant, type));
  }, ctx.gradOfOutput(0));
}
