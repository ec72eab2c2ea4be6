/** Pass: squeeze-and-excitation gates, which differ from image to image, without leaving the runtime's blocked layout. */
import type { Emitter } from '../../autodiff/emitter';
import type { Node } from '../../onnx/model';
import { BLOCKED_DOMAIN, CHANNEL_ALIGNMENT } from '../../runtime/blocked-layout';
import type { GraphEditor } from '../passes/editor';
import type { GraphPass } from '../passes';
import { sameDims } from '../../onnx/dims';

/**
 * A gate multiplies channels, x g, and the gradient of what it multiplied is D g + v, with v the gradient of the pooled
 * channels: both are depthwise 1x1 convolutions whose weights and bias are computed. The runtime keeps only convolutions with constant
 * weights in its layout, but its operator takes any (nchwc_ops.cc, onnxruntime 1.30), so that one is written here, between two changes of
 * layout of which `keepBlocked` leaves none. The gradient of the gate, sum_p D A, becomes a global pooling, which has a blocked form.
 * @param block channels in a block, of `channelBlock`
 */
export function blockedGates(block: number): GraphPass {
  return {
    name: 'blocked-gates',
    stage: 'whole',
    apply(editor) {
      for (const mul of editor.nodes('Mul')) replaceGate(editor, mul, block);
      for (const add of editor.nodes('Add')) replaceGateAndBias(editor, add, block);
      for (const sum of editor.nodes('ReduceSum')) replaceSum(editor, sum);
    },
  };
}

interface Gated {
  /** (1, C, H, W). */
  readonly x: string;
  /** (1, C, 1, 1). */
  readonly gate: string;
  readonly channels: number;
}

function replaceGate(editor: GraphEditor, mul: Node, block: number): void {
  const gated = gatedBy(editor, mul);
  if (gated !== undefined) editor.replace(mul, (emit) => depthwise(emit, gated, block));
}

/** Add(Mul(x, gate), Expand(v)), in any order. */
function replaceGateAndBias(editor: GraphEditor, add: Node, block: number): void {
  for (const [product = '', spread = ''] of [add.inputs, add.inputs.toReversed()]) {
    const mul = editor.producer(product, 'Mul');
    const gated = mul && gatedBy(editor, mul);
    const [value = ''] = editor.producer(spread, 'Expand')?.inputs ?? [];
    const fits =
      gated !== undefined &&
      sameDims(editor.shape(spread), editor.shape(product)) &&
      sameDims(editor.shape(value), editor.shape(gated.gate));
    if (!fits) continue;
    editor.replace(add, (emit) => depthwise(emit, gated, block, value));
    return;
  }
}

/** Mul(x, gate) of one image, in either order; a constant scale belongs into weights. */
function gatedBy(editor: GraphEditor, { inputs }: Node): Gated | undefined {
  for (const [x = '', gate = ''] of [inputs, inputs.toReversed()]) {
    const [batch, channels = 0, ...size] = editor.shape(x) ?? [];
    const image = batch === 1 && size.length === 2 && size.some((length) => length > 1);
    const perChannel = sameDims(editor.shape(gate), [1, channels, 1, 1]);
    if (image && perChannel && channels % CHANNEL_ALIGNMENT === 0 && !editor.isConstant(gate))
      return { x, gate, channels };
  }
  return undefined;
}

function depthwise(emit: Emitter, { x, gate, channels }: Gated, block: number, bias?: string): string {
  const whole = Math.ceil(channels / block) * block;
  const padded = (value: string): string => emit.pad(value, [0, 0, 0, 0, 0, whole - channels, 0, 0]);
  const inputs = [
    emit.op('ReorderInput', [x], {}, 'ReorderInput', BLOCKED_DOMAIN),
    emit.reshape(padded(gate), [whole, 1, 1, 1]),
    ...(bias === undefined ? [] : [emit.reshape(padded(bias), [whole])]),
  ];
  const attributes = { kernel_shape: [1, 1], group: whole };
  const scaled = emit.op('Conv', inputs, attributes, 'Conv', BLOCKED_DOMAIN);
  return emit.op('ReorderOutput', [scaled], { channels }, 'ReorderOutput', BLOCKED_DOMAIN);
}

/** sum_p of a product, per channel: H W times its mean. */
function replaceSum(editor: GraphEditor, sum: Node): void {
  const [product = ''] = sum.inputs;
  const [, channels = 0, height = 1, width = 1, ...rest] = editor.shape(product) ?? [];
  const sums = editor.shape(sum.outputs[0]);
  if (editor.producer(product, 'Mul') === undefined || rest.length > 0 || height * width === 1) return;
  if (sums?.length !== 4 || String(sums.slice(1)) !== String([channels, 1, 1])) return;
  editor.replace(sum, (emit) =>
    emit.mul(emit.op('GlobalAveragePool', [product]), emit.scalar(height * width, 'float32')),
  );
}
