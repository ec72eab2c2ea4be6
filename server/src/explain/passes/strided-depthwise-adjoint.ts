/** Pass: a depthwise ConvTranspose with stride 2 becomes four small depthwise convolutions whose outputs interleave. */
import type { Emitter } from '../../autodiff/emitter';
import type { Node } from '../../onnx/model';
import { all, geometryOf, UNKNOWN_GEOMETRY, type Geometry } from './convolution';
import type { GraphPass } from './pass';
import { replaced } from './pass';
import { phaseConvolution, phasesOf, STRIDE } from './adjoint-phases';

/** Below this, interleaving the phases costs more than the column matrix (bench/NOTES.md). */
const MIN_KERNEL = 4;

/**
 * Output position y = s i + k - p uses only the taps k with k = y + p (mod s): each of the s x s phases of the output is a
 * stride-1 convolution of the input with every s-th tap. DepthToSpace interleaves the phases. ConvTranspose would multiply
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

function interleaved(
  emit: Emitter,
  node: Node,
  geometry: Geometry,
  size: readonly number[],
  output: readonly number[],
): string {
  const [batch = 1, channels = 1, height = 1, width = 1] = output;
  const shape = [channels, 1, ...geometry.kernel];
  const phases = phasesOf(geometry, size, [height, width])
    .flat()
    .map((axes) => phaseConvolution(emit, node, shape, geometry.group, axes));
  const woven = emit.op('DepthToSpace', [emit.concat(phases, 1)], { blocksize: STRIDE, mode: 'DCR' });
  const even = height % STRIDE === 0 && width % STRIDE === 0;
  return even ? woven : emit.slice(woven, [0, 1, 2, 3], [0, 0, 0, 0], [batch, channels, height, width]);
}
