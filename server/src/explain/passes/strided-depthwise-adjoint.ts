/** Pass: a depthwise ConvTranspose with stride 2 becomes four small depthwise convolutions whose outputs interleave. */
import type { Emitter } from '../../autodiff/emitter';
import type { Node } from '../../onnx/model';
import { all, geometryOf, UNKNOWN_GEOMETRY, type Geometry } from './convolution';
import type { GraphPass } from './pass';
import { replaced } from './pass';
import { flipped } from './stride-one-adjoint';

const STRIDE = 2;

/** Below this, weaving the phases costs more than the column matrix (bench/NOTES.md). */
const MIN_KERNEL = 4;

/**
 * Output position y = s i + k - p meets only the taps k with k = y + p (mod s): each of the s x s phases of the output is a
 * stride-1 convolution of the input with every s-th tap. DepthToSpace weaves the phases together. ConvTranspose would multiply
 * a full column matrix per channel and scatter it.
 */
export const stridedDepthwiseAdjoint: GraphPass = {
  name: 'strided-depthwise-adjoint',
  stage: 'whole',
  layout: 'any',
  operators: ['ConvTranspose'],
  rewrite(node, editor) {
    const geometry = geometryOf(editor, node);
    const input = editor.shape(node.inputs[0]);
    const output = editor.shape(node.outputs[0]);
    if (geometry === undefined || output === undefined) return UNKNOWN_GEOMETRY;
    if (input?.length !== 4) return 'not an image';
    if (node.inputs.length > 2) return 'it has a bias';
    const { strides, dilations, group } = geometry;
    const depthwise = group === input[1] && editor.shape(node.inputs[1])?.[1] === 1;
    if (!depthwise) return 'not depthwise';
    if (!all(strides, STRIDE) || !all(dilations, 1)) return 'its stride is not 2, or it is dilated';
    if (geometry.kernel.some((k) => k < MIN_KERNEL)) return `its kernel is smaller than ${MIN_KERNEL}`;
    return replaced(node, (emit) => interleaved(emit, node, geometry, input.slice(2), output));
  },
};

/** Where one phase of one axis reads: the taps `first, first + s, ...`, and how far the input is padded for them. */
interface Phase {
  readonly first: number;
  readonly taps: number;
  readonly before: number;
  readonly after: number;
}

/**
 * Phase r holds the outputs y = s q + r for q below `count`. Its taps are k = first + s t with first = (r + p) mod s, and tap t
 * reads input q + c - t with c = (r + p - first) / s: a correlation with the taps reversed, padded by taps - 1 - c before.
 */
function phaseOf(r: number, kernel: number, pad: number, size: number, count: number): Phase {
  const first = (r + pad) % STRIDE;
  const taps = Math.ceil((kernel - first) / STRIDE);
  const before = taps - 1 - (r + pad - first) / STRIDE;
  return { first, taps, before, after: count + taps - 1 - size - before };
}

function interleaved(
  emit: Emitter,
  node: Node,
  { kernel, pads, group }: Geometry,
  size: readonly number[],
  output: readonly number[],
): string {
  const [x = '', weights = ''] = node.inputs;
  const [batch = 1, channels = 1, height = 1, width = 1] = output;
  const counts = [Math.ceil(height / STRIDE), Math.ceil(width / STRIDE)];
  const phases: string[] = [];
  for (let row = 0; row < STRIDE; row++) {
    for (let column = 0; column < STRIDE; column++) {
      const axes = [row, column].map((r, axis) =>
        phaseOf(r, kernel[axis] ?? 1, pads[axis] ?? 0, size[axis] ?? 1, counts[axis] ?? 1),
      );
      phases.push(phaseConvolution(emit, x, weights, group, axes));
    }
  }
  const woven = emit.op('DepthToSpace', [emit.concat(phases, 1)], { blocksize: STRIDE, mode: 'DCR' });
  const even = height % STRIDE === 0 && width % STRIDE === 0;
  return even ? woven : emit.slice(woven, [0, 1, 2, 3], [0, 0, 0, 0], [batch, channels, height, width]);
}

function phaseConvolution(
  emit: Emitter,
  x: string,
  weights: string,
  group: number,
  axes: readonly Phase[],
): string {
  const kernel = axes.map(({ taps }) => taps);
  const taps = emit.slice(
    weights,
    [2, 3],
    axes.map(({ first }) => first),
    axes.map(({ first, taps: n }) => first + STRIDE * (n - 1) + 1),
    [STRIDE, STRIDE],
  );
  // A negative pad would crop, which Conv does not do: crop first.
  const begins = axes.map(({ before }) => before);
  const ends = axes.map(({ after }) => after);
  const crop = [0, 0, ...begins.map((p) => Math.min(p, 0)), 0, 0, ...ends.map((p) => Math.min(p, 0))];
  return emit.op('Conv', [emit.pad(x, crop), flipped(emit, taps, kernel)], {
    kernel_shape: kernel,
    pads: [...begins, ...ends].map((p) => Math.max(p, 0)),
    group,
  });
}
