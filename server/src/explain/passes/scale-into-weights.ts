/** Passes: a scale per channel before or after convolutions moves into their weights. */
import type { Node } from '../../onnx/model';
import { geometryOf, isPointwise } from './convolution';
import type { GraphEditor } from './editor';
import { sameDims } from '../../onnx/dims';

/**
 * Conv(x c, W) = Conv(x, W c) for a constant c of shape (1, C, 1, 1). This takes the gradient of every folded BatchNormalization
 * out of the backward pass: its slope is multiplied into weights when the runtime loads the graph, not into a large tensor
 * in every run.
 */
export function scaleIntoWeights(editor: GraphEditor): void {
  scaleBefore(editor, (scale, conv, channels) => editor.isConstant(scale) && absorbs(editor, conv, channels));
}

/**
 * The same for a scale that varies, the gate of squeeze-and-excitation, in front of 1x1 convolutions of one image, where the
 * weights are smaller than the activation that is no longer multiplied.
 */
export function gateIntoWeights(editor: GraphEditor): void {
  scaleBefore(editor, (_, conv) => isPointwiseConv(editor, conv));
}

/** c Conv(x, W) = Conv(x, c W) for a gate c of shape (1, C, 1, 1) behind a 1x1 convolution of one image. */
export function gateAfterIntoWeights(editor: GraphEditor): void {
  for (const mul of editor.nodes('Mul')) {
    const match = channelScale(editor, mul, (x) => editor.producer(x, 'Conv') !== undefined);
    const conv = match && editor.producer(match.x, 'Conv');
    const [x = '', weights = '', ...bias] = conv?.inputs ?? [];
    if (match === undefined || conv === undefined || bias.length > 0 || !isPointwiseConv(editor, conv))
      continue;
    editor.replace(mul, (emit) => {
      const perOutput = emit.reshape(match.scale, [match.channels, 1, 1, 1]);
      return emit.op('Conv', [x, emit.mul(weights, perOutput)], Object.fromEntries(conv.attributes));
    });
  }
}

function scaleBefore(
  editor: GraphEditor,
  fits: (scale: string, conv: Node, channels: number) => boolean,
): void {
  for (const mul of editor.nodes('Mul')) {
    const [output = ''] = mul.outputs;
    const readers = editor.consumers(output);
    const match = channelScale(editor, mul, () => true);
    if (match === undefined || editor.isOutput(output) || readers.length === 0) continue;
    const { x, scale, channels, rank } = match;
    if (
      !readers.every(
        (conv) => conv.opType === 'Conv' && conv.inputs[0] === output && fits(scale, conv, channels),
      )
    )
      continue;
    for (const conv of readers) {
      const [, weights = '', ...bias] = conv.inputs;
      const depthwise = geometryOf(editor, conv)?.group !== 1;
      editor.replace(conv, (emit) => {
        const perGroup = [channels, ...Array.from({ length: rank - 1 }, () => 1)];
        const factor = depthwise ? emit.reshape(scale, perGroup) : scale;
        return emit.op('Conv', [x, emit.mul(weights, factor), ...bias], Object.fromEntries(conv.attributes));
      });
    }
  }
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
