/** Pass: a ConvTranspose with stride 1 becomes a Conv with flipped weights whose channel axes are exchanged. */
import type { Emitter } from '../../autodiff/emitter';
import { all, COMPUTED_WEIGHTS, geometryOf, UNKNOWN_GEOMETRY } from './convolution';
import type { GraphPass } from './pass';
import { replaced } from './pass';

/**
 * y[o] = sum_i sum_k x[i] W[i, o, k] placed at +k is the same sum as a correlation with W reversed along k, padded by
 * (K-1) d - p. onnxruntime has fast kernels for Conv (blocked layout, depthwise) and a plain one for ConvTranspose.
 */
export const strideOneAdjoint: GraphPass = {
  name: 'stride-one-adjoint',
  stage: 'whole',
  layout: 'any',
  operators: ['ConvTranspose'],
  rewrite(node, editor) {
    const geometry = geometryOf(editor, node);
    const shape = editor.shape(node.inputs[1]);
    const [x = '', weights = ''] = node.inputs;
    if (geometry === undefined || shape === undefined) return UNKNOWN_GEOMETRY;
    if (!editor.isConstant(weights)) return COMPUTED_WEIGHTS;
    const { kernel, strides, dilations, pads, group, outputPadding } = geometry;
    const rank = kernel.length;
    const reach = kernel.map((k, axis) => (k - 1) * (dilations[axis] ?? 1));
    const before = reach.map((r, axis) => r - (pads[axis] ?? 0));
    const after = reach.map((r, axis) => r - (pads[rank + axis] ?? 0));
    if (!all(strides, 1)) return 'the stride is not 1';
    if (!all(outputPadding, 0) || [...before, ...after].some((p) => p < 0))
      return 'the padding is wider than the kernel, or the output is padded';
    return replaced(node, (emit) =>
      emit.op('Conv', [x, exchanged(emit, weights, shape, group), ...node.inputs.slice(2)], {
        kernel_shape: kernel,
        strides,
        dilations,
        pads: [...before, ...after],
        group,
      }),
    );
  },
};

/** (Cin, Cout/g, k...) -> (Cout, Cin/g, k...), flipped in space. The runtime computes it once, when it loads the graph. */
export function exchanged(emit: Emitter, weights: string, shape: readonly number[], group: number): string {
  const [inputs = 1, outputsPerGroup = 1, ...kernel] = shape;
  const perGroup = inputs / group;
  let result = weights;
  if (group === 1) {
    result = emit.transpose(weights, [1, 0, ...kernel.map((_, axis) => axis + 2)]);
  } else if (perGroup !== 1 || outputsPerGroup !== 1) {
    const spatial = kernel.map((_, axis) => axis + 3);
    const grouped = emit.reshape(weights, [group, perGroup, outputsPerGroup, ...kernel]);
    const swapped = emit.transpose(grouped, [0, 2, 1, ...spatial]);
    result = emit.reshape(swapped, [group * outputsPerGroup, perGroup, ...kernel]);
  }
  return flipped(emit, result, [group * outputsPerGroup, perGroup], kernel);
}

/**
 * Reverses the spatial axes of weights, which follow two axes: all at once as one axis, which the runtime, when it
 * folds constants, does in a quarter of the time that two axes take.
 */
function flipped(emit: Emitter, weights: string, lead: readonly number[], kernel: readonly number[]): string {
  const size = kernel.reduce((a, b) => a * b, 1);
  if (size === 1) return weights;
  const flat = emit.reshape(weights, [...lead, size]);
  const reversed = emit.slice(flat, [lead.length], [-1], [-1 - size], [-1]);
  return emit.reshape(reversed, [...lead, ...kernel]);
}
