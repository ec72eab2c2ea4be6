/** Passes: a scale per channel before or after convolutions moves into their weights. */
import type { Node } from '../../onnx/model';
import { geometryOf, isPointwise } from './convolution';
import type { GraphEditor } from './editor';
import type { GraphPass, Verdict } from './pass';
import { replaced } from './pass';
import { sameDims } from '../../onnx/dims';

/**
 * Conv(x c, W) = Conv(x, W c) for a constant c of shape (1, C, 1, 1). This takes the gradient of every folded BatchNormalization
 * out of the backward pass: its slope is multiplied into weights when the runtime loads the graph, not into a large tensor
 * in every run.
 */
export const scaleIntoWeights: GraphPass = {
  name: 'scale-into-weights',
  stage: 'whole',
  layout: 'any',
  operators: ['Mul'],
  rewrite: (mul, editor) =>
    scaleBefore(editor, mul, (scale, conv, channels) => {
      if (!editor.isConstant(scale)) return 'the scale differs from image to image';
      return absorbs(editor, conv, channels) ? null : 'a convolution after it is grouped, or not constant';
    }),
};

/**
 * The same for a scale that varies, the gate of squeeze-and-excitation, in front of 1x1 convolutions of one image, where the
 * weights are smaller than the activation that is no longer multiplied.
 */
export const gateIntoWeights: GraphPass = {
  name: 'gate-into-weights',
  stage: 'whole',
  layout: 'plain',
  operators: ['Mul'],
  rewrite: (mul, editor) =>
    scaleBefore(editor, mul, (_, conv) => (isPointwiseConv(editor, conv) ? null : NOT_SMALLER)),
};

const NO_SCALE = 'no operand is a scale per channel of the other';
const NOT_SMALLER = 'a convolution is not 1x1 of one image, or its weights are no smaller than what it reads';

/** c Conv(x, W) = Conv(x, c W) for a gate c of shape (1, C, 1, 1) behind a 1x1 convolution of one image. */
export const gateAfterIntoWeights: GraphPass = {
  name: 'gate-after-into-weights',
  stage: 'whole',
  layout: 'plain',
  operators: ['Mul'],
  rewrite(mul, editor) {
    const match = channelScale(editor, mul, (x) => editor.producer(x, 'Conv') !== undefined);
    const conv = match && editor.producer(match.x, 'Conv');
    if (match === undefined || conv === undefined) return `${NO_SCALE}, a convolution`;
    const [x = '', weights = '', ...bias] = conv.inputs;
    if (bias.length > 0) return 'the convolution has a bias';
    if (!isPointwiseConv(editor, conv)) return NOT_SMALLER;
    return replaced(mul, (emit) => {
      const perOutput = emit.reshape(match.scale, [match.channels, 1, 1, 1]);
      return emit.op('Conv', [x, emit.mul(weights, perOutput)], Object.fromEntries(conv.attributes));
    });
  },
};

/** @param obstacle why this convolution cannot take the scale into its weights; null if it can */
function scaleBefore(
  editor: GraphEditor,
  mul: Node,
  obstacle: (scale: string, conv: Node, channels: number) => string | null,
): Verdict {
  const [output = ''] = mul.outputs;
  const readers = editor.consumers(output);
  const match = channelScale(editor, mul, () => true);
  if (match === undefined) return NO_SCALE;
  const { x, scale, channels, rank } = match;
  if (editor.isOutput(output)) return 'the product is asked for';
  if (readers.length === 0 || !readers.every((conv) => conv.opType === 'Conv' && conv.inputs[0] === output))
    return 'other than convolutions read the product';
  const against = readers.map((conv) => obstacle(scale, conv, channels)).find((why) => why !== null);
  if (against !== undefined) return against;
  return readers.map((conv) => {
    const [, weights = '', ...bias] = conv.inputs;
    const depthwise = geometryOf(editor, conv)?.group !== 1;
    return {
      node: conv,
      build: (emit) => {
        const perGroup = [channels, ...Array.from({ length: rank - 1 }, () => 1)];
        const factor = depthwise ? emit.reshape(scale, perGroup) : scale;
        return emit.op('Conv', [x, emit.mul(weights, factor), ...bias], Object.fromEntries(conv.attributes));
      },
    };
  });
}

interface ChannelScale {
  readonly x: string;
  /** (1, C, 1, ...), of the rank of x. */
  readonly scale: string;
  readonly channels: number;
  readonly rank: number;
}

/** Reads Mul(x, c) with c of shape (1, C, 1, ...) and x larger, in either order. */
function channelScale(
  editor: GraphEditor,
  { inputs: [a = '', b = ''] }: Node,
  accepts: (x: string) => boolean,
): ChannelScale | undefined {
  for (const [x, scale] of [
    [a, b],
    [b, a],
  ] as const) {
    const shape = editor.shape(x);
    const channels = shape?.[1];
    if (shape === undefined || channels === undefined || !accepts(x)) continue;
    const perChannel = [1, channels, ...shape.slice(2).map(() => 1)];
    if (sameDims(editor.shape(scale), perChannel) && !sameDims(shape, perChannel))
      return { x, scale, channels, rank: shape.length };
  }
  return undefined;
}

/** Whether a convolution, ungrouped or depthwise, has constant weights that can absorb a scale of its input. */
function absorbs(editor: GraphEditor, conv: Node, channels: number): boolean {
  const geometry = geometryOf(editor, conv);
  const [, weights = ''] = conv.inputs;
  if (geometry === undefined || !editor.isConstant(weights)) return false;
  return geometry.group === 1 || (geometry.group === channels && editor.shape(weights)?.[1] === 1);
}

/**
 * A 1x1 convolution of a single image, whose weights may then depend on the image, with more positions than channels on
 * its narrow side: its weights are smaller than its larger activation.
 */
export function isPointwiseConv(editor: GraphEditor, conv: Node): boolean {
  const geometry = geometryOf(editor, conv);
  const [batch, inputs = 0, height = 0, width = 0, ...rest] = editor.shape(conv.inputs[0]) ?? [];
  const outputs = editor.shape(conv.outputs[0])?.[1] ?? 0;
  return (
    geometry !== undefined &&
    isPointwise(geometry) &&
    editor.isConstant(conv.inputs[1] ?? '') &&
    batch === 1 &&
    rest.length === 0 &&
    height * width > Math.min(inputs, outputs)
  );
}
