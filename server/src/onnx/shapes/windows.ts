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
  requireLeast(view, 'kernel_shape', kernel, 1);
  requireLeast(view, 'strides', strides, 1);
  requireLeast(view, 'dilations', dilations, 1);
  requireLeast(view, 'pads', pads, 0);
  return spatial.map((input, axis) => ({
    input,
    kernel: at(kernel, axis),
    stride: at(strides, axis),
    dilation: at(dilations, axis),
    before: at(pads, axis),
    after: at(pads, axis + rank),
  }));
}

/** Positions of a convolution's window along an axis. SAME gives one for every stride of the input, whatever the kernel. */
export function convolutionCount(view: NodeView, axis: WindowAxis): number {
  const mode = autoPad(view);
  if (SAME.includes(mode)) return Math.ceil(axis.input / axis.stride);
  const padding = mode === 'VALID' ? 0 : axis.before + axis.after;
  const room = axis.input + padding - extentOf(axis);
  if (room < 0) tooSmall(view, axis, padding);
  return Math.floor(room / axis.stride) + 1;
}

/**
 * Positions of a pooling window along an axis. With `ceil`, one more that starts inside the input or its leading padding.
 * onnxruntime's SAME pads for the kernel without its dilation, and crops where the stride leaves a rest larger than the kernel; its
 * division truncates, so that a window which reaches less than a stride beyond the input still counts.
 */
export function poolingCount(view: NodeView, axis: WindowAxis, ceil: boolean): number {
  const { input, stride } = axis;
  const mode = autoPad(view);
  const [before, after] = SAME.includes(mode)
    ? samePads(mode, poolingPadding(axis))
    : mode === 'VALID'
      ? [0, 0]
      : [axis.before, axis.after];
  const strides = (input + before + after - extentOf(axis)) / stride;
  const count = (ceil ? Math.ceil(strides) : Math.trunc(strides)) + 1;
  if (count < 1) tooSmall(view, axis, before + after);
  return ceil && (count - 1) * stride >= input + before ? count - 1 : count;
}

function tooSmall(view: NodeView, axis: WindowAxis, padding: number): never {
  const expected = `an input of at least ${extentOf(axis)} elements per axis including padding`;
  return view.invalid(expected, String(axis.input + padding));
}

/** What SAME adds to an axis of a pooled input for ceil(input / stride) windows; negative where it crops. */
export const poolingPadding = ({
  input,
  kernel,
  stride,
}: Pick<WindowAxis, 'input' | 'kernel' | 'stride'>): number =>
  (Math.ceil(input / stride) - 1) * stride + kernel - input;

/**
 * The same for a convolution, whose kernel counts with its dilation. Where it crops, onnxruntime 1.30 crops one element fewer than
 * the windows leave over: the first window starts at floor((-total - 1) / 2), as measured on all of its CPU kernels.
 */
export function convolutionPadding(axis: Pick<WindowAxis, 'input' | 'kernel' | 'stride'>): number {
  const total = poolingPadding(axis);
  return total < 0 ? total + 1 : total;
}

/** The padding of one axis in halves, the larger one at the end for SAME_UPPER, at the start for SAME_LOWER; rounded toward zero. */
export function samePads(mode: string, total: number): readonly [before: number, after: number] {
  const before = Math.trunc((mode === 'SAME_UPPER' ? total : total + 1) / 2);
  return [before, total - before];
}

/**
 * Output size of a transposed convolution along an axis. SAME cuts off what reaches beyond input * stride; where the kernel
 * does not reach as far, onnxruntime adds nothing.
 */
export function transposedSize(view: NodeView, axis: WindowAxis, outputPadding: number): number {
  const { input, stride, before, after } = axis;
  const mode = autoPad(view);
  const full = stride * (input - 1) + outputPadding + extentOf(axis);
  if (SAME.includes(mode)) return Math.min(full, input * stride);
  return mode === 'VALID' ? full : full - before - after;
}

/** Checks the specification's lower bound for every entry of a window attribute. */
export function requireLeast(
  view: NodeView,
  attribute: string,
  entries: readonly number[],
  least: number,
): void {
  const low = entries.find((entry) => entry < least);
  if (low !== undefined) view.invalid(`entries of ${least} or more in attribute "${attribute}"`, `${low}`);
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
