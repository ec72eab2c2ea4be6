/** Pass: the gradient of a ReLU6 as a product with zeros and ones, which are found in the runtime's blocked layout. */
import type { Emitter } from '../../autodiff/emitter';
import { float32Tensor, floats } from '../../onnx/builder';
import { sameDims } from '../../onnx/dims';
import { BLOCKED_DOMAIN, CHANNEL_ALIGNMENT } from '../../runtime/blocked-layout';
import type { GraphPass } from '../passes/pass';
import { replaced } from '../passes/pass';
import { any, match, op } from '../passes/pattern';

const y = any('y');
const inside = op('And', op('Greater', y, any('low')), op('Less', y, any('high')));
const GRADIENT = op('Where', inside, any('dy'), any('nothing'));

const SIX = 6;

/** Makes 1 or more of every difference that is not 0. */
const STEEP = 2 ** 100;

/**
 * dy where 0 < y < 6, else 0. There y² - 6y is negative, and at both bounds 0, also as float32 computes it:
 * only the number before 6, 6 - 2^-21, counts as 6. That is one product, and one convolution that multiplies
 * each channel by -6, adds the product, and ends in HardSigmoid, min(max(-2^100 (y² - 6y), 0), 1). With the
 * product with dy three passes with wide instructions on all threads, where And, Greater and Less take three
 * on one thread, and Where three more. The runtime's convolution takes a sum and an activation only in its
 * blocked layout, so it is written there (nchwc_ops.cc, onnxruntime 1.30); `keepBlocked` removes the layout
 * changes.
 * @param block channels in a block, of `channelBlock`
 */
export const relu6Mask = (block: number): GraphPass => ({
  name: 'relu6-mask',
  stage: 'whole',
  layout: 'blocked',
  operators: ['Where'],
  rewrite(where, editor) {
    const found = match(editor, where.outputs[0], GRADIENT);
    if (found === undefined) return 'is not the gradient of a ReLU6';
    const [low, high, nothing] = [found.low, found.high, found.nothing].map((name) => editor.number(name));
    if (low !== 0 || high !== SIX || nothing !== 0) return 'other bounds';
    const shape = editor.shape(found.y);
    if (!sameDims(shape, editor.shape(found.dy))) return 'the operands differ in shape';
    if (editor.type(found.dy) !== 'float32') return 'not float32';
    const [batch, channels = 0, ...size] = shape ?? [];
    if (batch !== 1 || size.length !== 2 || channels % CHANNEL_ALIGNMENT !== 0)
      return 'not one image with channels in fours';
    return replaced(where, (emit) => masked(emit, found, channels, block));
  },
});

function masked(
  emit: Emitter,
  { y, dy }: Readonly<Record<'y' | 'dy', string>>,
  channels: number,
  block: number,
): string {
  const whole = Math.ceil(channels / block) * block;
  const inBlocks = (opType: string, inputs: readonly string[], attributes = {}): string =>
    emit.op(opType, inputs, attributes, opType, BLOCKED_DOMAIN);
  const [values, gradient] = [inBlocks('ReorderInput', [y]), inBlocks('ReorderInput', [dy])];
  const constant = (value: number, dims: readonly number[]): string =>
    emit.constant(`relu6/${value}`, float32Tensor(dims, new Float32Array(whole).fill(value)));
  const inputs = [values, constant(-SIX, [whole, 1, 1, 1]), constant(0, [whole]), emit.mul(values, values)];
  const mask = inBlocks('Conv', inputs, {
    ...{ kernel_shape: [1, 1], group: whole },
    ...{ activation: 'HardSigmoid', activation_params: floats([-STEEP, 0]) },
  });
  return inBlocks('ReorderOutput', [emit.mul(gradient, mask)], { channels });
}
