/** Output sizes of sliding windows: convolution and pooling (ONNX operators Conv, ConvTranspose, MaxPool). */
import { at } from './axes';
import type { NodeView } from './shape-rule';

export interface WindowAxis {
  readonly input: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly before: number;
  readonly after: number;
}

const SAME = ['SAME_UPPER', 'SAME_LOWER'];

/** The window attributes of a node along each of its input's spatial axes. */
export function windowAxes(
  view: NodeView,
  spatial: readonly number[],
  kernel: readonly number[],
): WindowAxis[] {
  const rank = spatial.length;
  if (kernel.length !== rank) view.invalid(`a kernel with ${rank} spatial dimensions`, `${kernel.length}`);
  const strides = listOf(view, 'strides', rank, 1);
  const dilations = listOf(view, 'dilations', rank, 1);
  const pads = listOf(view, 'pads', 2 * rank, 0);
  return spatial.map((input, axis) => ({
    input,
    kernel: at(kernel, axis),
    stride: at(strides, axis),
    dilation: at(dilations, axis),
    before: at(pads, axis),
    after: at(pads, axis + rank),
  }));
}

/** Positions of the window along an axis. With `ceil`, one more that starts inside the input or its leading padding. */
export function windowCount(view: NodeView, axis: WindowAxis, ceil: boolean): number {
  const { input, stride, before, after } = axis;
  const extent = extentOf(axis);
  const mode = autoPad(view);
  if (SAME.includes(mode)) return Math.ceil(input / stride);
  const padding = mode === 'VALID' ? 0 : before + after;
  const room = input + padding - extent;
  if (room < 0)
    view.invalid(`an input of at least ${extent} elements per axis including padding`, `${input + padding}`);
  if (!ceil) return Math.floor(room / stride) + 1;
  const count = Math.ceil(room / stride) + 1;
  const leading = mode === 'VALID' ? 0 : before;
  return (count - 1) * stride >= input + leading ? count - 1 : count;
}

/** Output size of a transposed convolution along an axis. */
export function transposedSize(view: NodeView, axis: WindowAxis, outputPadding: number): number {
  const { input, stride, before, after } = axis;
  const mode = autoPad(view);
  if (SAME.includes(mode)) return input * stride;
  const padding = mode === 'VALID' ? 0 : before + after;
  return stride * (input - 1) + outputPadding + extentOf(axis) - padding;
}

/** An attribute with one entry per axis. */
export function listOf(
  view: NodeView,
  attribute: string,
  length: number,
  otherwise: number,
): readonly number[] {
  const list = view.ints(attribute) ?? Array.from({ length }, () => otherwise);
  if (list.length !== length) view.invalid(`${length} entries in attribute "${attribute}"`, `${list.length}`);
  return list;
}

/** How far the window reaches, dilation included. */
const extentOf = ({ kernel, dilation }: WindowAxis): number => (kernel - 1) * dilation + 1;

function autoPad(view: NodeView): string {
  const mode = view.string('auto_pad', 'NOTSET');
  if (!['', 'NOTSET', 'VALID', ...SAME].includes(mode)) {
    view.invalid('auto_pad to be NOTSET, VALID, SAME_UPPER or SAME_LOWER', `"${mode}"`);
  }
  return mode;
}
