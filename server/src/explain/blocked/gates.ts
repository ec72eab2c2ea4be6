/** Pass: squeeze-and-excitation gates, which differ from image to image, without leaving the runtime's blocked layout. */
import type { Emitter } from '../../autodiff/emitter';
import type { Node } from '../../onnx/model';
import { BLOCKED_DOMAIN, CHANNEL_ALIGNMENT } from '../../runtime/blocked-layout';
import type { GraphEditor } from '../passes/editor';
import type { GraphPass, Verdict } from '../passes/pass';
import { replaced } from '../passes/pass';
import { any, as, match, op } from '../passes/pattern';
import { sameDims } from '../../onnx/dims';

/**
 * A gate multiplies channels, x g, and the gradient of what it multiplied is D g + v, with v the gradient of the pooled
 * channels: both are depthwise 1x1 convolutions whose weights and bias are computed. The runtime keeps only convolutions with constant
 * weights in its layout, but its operator takes any (nchwc_ops.cc, onnxruntime 1.30), so that one is written here, between two changes of
 * layout of which `keepBlocked` leaves none. The gradient of the gate, sum_p D A, becomes a global pooling, which has a blocked form.
 * @param block channels in a block, of `channelBlock`
 */
export function blockedGates(block: number): GraphPass {
  const rules: Readonly<Record<string, (node: Node, editor: GraphEditor) => Verdict>> = {
    Mul: (mul, editor) => gate(editor, mul, block),
    Add: (add, editor) => gateAndBias(editor, add, block),
    ReduceSum: (sum, editor) => sumOfProduct(editor, sum),
  };
  return {
    name: 'blocked-gates',
    stage: 'whole',
    layout: 'blocked',
    operators: Object.keys(rules),
    rewrite: (node, editor) => rules[node.opType]?.(node, editor) ?? 'another operator',
  };
}

interface Gated {
  /** (1, C, H, W). */
  readonly x: string;
  /** (1, C, 1, 1). */
  readonly gate: string;
  readonly channels: number;
}

const NO_GATE = 'not the product of one image and a gate per channel, in fours';

function gate(editor: GraphEditor, mul: Node, block: number): Verdict {
  const gated = gatedBy(editor, mul);
  return gated === undefined ? NO_GATE : replaced(mul, (emit) => depthwise(emit, gated, block));
}

const GATE_AND_BIAS = op(
  'Add',
  as('product', op('Mul', any('a'), any('b'))),
  as('spread', op('Expand', any('value'))),
);

/** Add(Mul(x, gate), Expand(v)), in any order. */
function gateAndBias(editor: GraphEditor, add: Node, block: number): Verdict {
  const found = match(editor, add.outputs[0], GATE_AND_BIAS);
  if (found === undefined) return 'adds no spread value to a product';
  const gated = gatedBy(editor, { inputs: [found.a, found.b] });
  if (gated === undefined) return NO_GATE;
  if (!sameDims(editor.shape(found.spread), editor.shape(found.product)))
    return 'the sum is larger than the product';
  if (!sameDims(editor.shape(found.value), editor.shape(gated.gate)))
    return 'the value is not one per channel';
  return replaced(add, (emit) => depthwise(emit, gated, block, found.value));
}

/** Mul(x, gate) of one image, in either order; a constant scale belongs in the weights. */
function gatedBy(editor: GraphEditor, { inputs }: Pick<Node, 'inputs'>): Gated | undefined {
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
function sumOfProduct(editor: GraphEditor, sum: Node): Verdict {
  const [product = ''] = sum.inputs;
  const [, channels = 0, height = 1, width = 1, ...rest] = editor.shape(product) ?? [];
  const sums = editor.shape(sum.outputs[0]);
  if (editor.producer(product, 'Mul') === undefined) return 'sums no product';
  const perChannel = sums?.length === 4 && sameDims(sums.slice(1), [channels, 1, 1]);
  if (rest.length > 0 || height * width === 1 || !perChannel) return 'does not sum over positions alone';
  return replaced(sum, (emit) =>
    emit.mul(emit.op('GlobalAveragePool', [product]), emit.scalar(height * width, 'float32')),
  );
}
