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
  return flipped(emit, result, kernel);
}

/** Reverses the spatial axes, which start at 2. */
export function flipped(emit: Emitter, weights: string, kernel: readonly number[]): string {
  const axes = kernel.flatMap((k, axis) => (k > 1 ? [axis + 2] : []));
  if (axes.length === 0) return weights;
  return emit.slice(
    weights,
    axes,
    axes.map(() => -1),
    axes.map((axis) => -1 - (kernel[axis - 2] ?? 1)),
    axes.map(() => -1),
  );
}
