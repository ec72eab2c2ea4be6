/** Geometry of sliding windows (convolution and pooling): explicit pads, extents, and the windows' positions. */
import { convolutionPadding, poolingPadding, samePads } from '../onnx/shapes/windows';
import type { GradientContext } from './rule';

export interface Windows {
  /** Sizes per spatial axis. */
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /**
   * Padding before and after, resolved from `auto_pad`; `after` as declared, without what `ceil_mode` adds. Negative where
   * SAME crops.
   */
  readonly before: readonly number[];
  readonly after: readonly number[];
  readonly input: readonly number[];
  readonly output: readonly number[];
}

/** Reads the window attributes of a Conv or pooling node whose input and output are tensors 0 of (N, C, spatial...). */
export function windowsOf(
  ctx: GradientContext,
  kernel: readonly number[],
  kind: 'convolution' | 'pooling',
): Windows {
  const input = ctx.shapeOfInput(0).slice(2);
  const output = ctx.shapeOfOutput(0).slice(2);
  const rank = kernel.length;
  const strides = ctx.ints('strides') ?? ones(rank);
  const dilations = ctx.ints('dilations') ?? ones(rank);
  const geometry = { kernel, strides, dilations, input, output };
  const mode = ctx.string('auto_pad', 'NOTSET');
  switch (mode) {
    case 'NOTSET':
    case '': {
      const pads = ctx.ints('pads') ?? zeros(2 * rank);
      return { ...geometry, before: pads.slice(0, rank), after: pads.slice(rank) };
    }
    case 'VALID':
      return { ...geometry, before: zeros(rank), after: zeros(rank) };
    case 'SAME_UPPER':
    case 'SAME_LOWER': {
      const pads = input.map((size, axis) => {
        const along = { input: size, kernel: at(kernel, axis), stride: at(strides, axis) };
        const extent = (along.kernel - 1) * at(dilations, axis) + 1;
        const total =
          kind === 'pooling' ? poolingPadding(along) : convolutionPadding({ ...along, kernel: extent });
        return samePads(mode, total);
      });
      return { ...geometry, before: pads.map(([before]) => before), after: pads.map(([, after]) => after) };
    }
    default:
      return ctx.unsupported(`auto_pad "${mode}" is not one of the ONNX values`);
  }
}

/** First and one past the last input position that a spatial axis' windows cover, before clamping to the input. */
export function coveredRange(w: Windows, axis: number): { first: number; end: number } {
  const first = -at(w.before, axis);
  const last =
    first + (at(w.output, axis) - 1) * at(w.strides, axis) + (at(w.kernel, axis) - 1) * at(w.dilations, axis);
  return { first, end: last + 1 };
}

export const ones = (length: number): number[] => Array.from({ length }, () => 1);
export const zeros = (length: number): number[] => Array.from({ length }, () => 0);

/** The element that is known to be there: attribute lists have one entry per spatial axis. */
export function at(list: readonly number[], index: number): number {
  const value = list[index];
  if (value === undefined)
    throw new RangeError(`An attribute has ${list.length} entries; entry ${index} is missing.`);
  return value;
}
