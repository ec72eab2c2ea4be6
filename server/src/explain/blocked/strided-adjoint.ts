/** Pass: a ConvTranspose with stride 2 becomes four convolutions in the runtime's blocked layout, whose outputs interleave block by block. */
import type { Emitter } from '../../autodiff/emitter';
import type { Node } from '../../onnx/model';
import { BLOCKED_DOMAIN, CHANNEL_ALIGNMENT } from '../../runtime/blocked-layout';
import { phaseConvolution, phasesOf, STRIDE } from '../passes/adjoint-phases';
import { all, COMPUTED_WEIGHTS, geometryOf, UNKNOWN_GEOMETRY } from '../passes/convolution';
import type { Geometry } from '../passes/convolution';
import type { GraphEditor } from '../passes/editor';
import type { GraphPass, Verdict } from '../passes/pass';
import { replaced } from '../passes/pass';

/**
 * Each phase of the output is a convolution with stride 1 and every second tap (`adjoint-phases.ts`); of a 1x1 kernel three phases are zero.
 * In blocks a position is a run of as many numbers as a block has channels: two copies interleave columns, then rows, whatever the runtime calls the
 * axes. ConvTranspose has no blocked form: it multiplies a column matrix and scatters it, between two changes of layout.
 * @param block channels in a block, of `channelBlock`
 */
export const stridedAdjoint = (block: number): GraphPass => ({
  name: 'strided-adjoint',
  stage: 'whole',
  layout: 'blocked',
  operators: ['ConvTranspose'],
  rewrite: (node, editor) => rewrite(node, editor, block),
});

function rewrite(node: Node, editor: GraphEditor, block: number): Verdict {
  const geometry = geometryOf(editor, node);
  const shape = editor.shape(node.inputs[1]);
  const [input, output] = [editor.shape(node.inputs[0]), editor.shape(node.outputs[0])];
  if (geometry === undefined || shape === undefined || output === undefined) return UNKNOWN_GEOMETRY;
  if (input?.length !== 4 || input[0] !== 1) return 'not one image';
  if (node.inputs.length > 2) return 'it has a bias';
  if (!editor.isConstant(node.inputs[1] ?? '')) return COMPUTED_WEIGHTS;
  if (geometry.group !== 1) return 'it has several groups';
  if (!all(geometry.strides, STRIDE) || !all(geometry.dilations, 1))
    return 'its stride is not 2, or it is dilated';
  const channels = output[1] ?? 1;
  if (channels % CHANNEL_ALIGNMENT !== 0 || channels < block) return 'its channels fill no block';
  return replaced(node, (emit) => woven(emit, node, geometry, shape, input.slice(2), output, block));
}

function woven(
  emit: Emitter,
  node: Node,
  geometry: Geometry,
  shape: readonly number[],
  size: readonly number[],
  [, channels = 1, height = 1, width = 1]: readonly number[],
  block: number,
): string {
  const groups = Math.ceil(channels / block);
  const [rows, columns] = [Math.ceil(height / STRIDE), Math.ceil(width / STRIDE)];
  const phases = phasesOf(geometry, size, [height, width]).map((row) =>
    row.map((axes) => {
      if (axes.some(({ taps }) => taps < 1)) return null;
      const phase = phaseConvolution(emit, node, shape, 1, axes);
      const blocked = emit.op('ReorderInput', [phase], {}, 'ReorderInput', BLOCKED_DOMAIN);
      return emit.reshape(blocked, [groups * rows * columns, block]);
    }),
  );
  const wide = phases.map((row) => {
    const pair = interleave(emit, row, block);
    return pair === null ? null : emit.reshape(pair, [groups * rows, STRIDE * columns * block]);
  });
  const whole = interleave(emit, wide, STRIDE * columns * block) ?? '';
  const cut = trimmed(emit, whole, [groups, height, width, block]);
  const image = emit.reshape(cut, [1, groups * block, height, width]);
  return emit.op('ReorderOutput', [image], { channels }, 'ReorderOutput', BLOCKED_DOMAIN);
}

/** Alternates rows of the first and the second; null is zero. @param length of a row of either */
function interleave(
  emit: Emitter,
  [first, second]: readonly (string | null)[],
  length: number,
): string | null {
  if (first && second) return emit.concat([first, second], 1);
  if (first) return emit.pad(first, [0, 0, 0, length]);
  return second ? emit.pad(second, [0, length, 0, 0]) : null;
}

/** Drops the last row or column of an odd size. */
function trimmed(
  emit: Emitter,
  whole: string,
  [groups, height, width, block]: readonly [number, number, number, number],
): string {
  const even = (length: number): number => STRIDE * Math.ceil(length / STRIDE);
  if (even(height) === height && even(width) === width) return whole;
  const rows = emit.reshape(whole, [groups, even(height), even(width) * block]);
  return emit.slice(rows, [1, 2], [0, 0], [height, width * block]);
}
