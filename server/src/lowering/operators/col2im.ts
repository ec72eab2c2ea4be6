/** Col2Im: columns back to images, where blocks overlap their sum. */
import { float32Tensor } from '../../onnx/builder';
import type { Lowering } from '../lowering';
import { product } from '../lowering';

/**
 * A transposed convolution, whose channels are the positions in a block and whose kernel puts each channel at its position. Every
 * channel of the image is a sample of its own.
 */
const col2Im: Lowering = {
  opType: 'Col2Im',
  lower(ctx) {
    const { emit } = ctx;
    const image = ctx.numbers(1) ?? ctx.refuse('its image_shape is missing');
    const block = ctx.numbers(2) ?? ctx.refuse('its block_shape is missing');
    const [n = 1, rows = 1] = ctx.dims(0);
    const positions = product(block);
    const channels = rows / positions;
    const strides = ctx.ints('strides') ?? block.map(() => 1);
    const dilations = ctx.ints('dilations') ?? block.map(() => 1);
    const pads = ctx.ints('pads') ?? [...block, ...block].map(() => 0);
    const geometry = block.map((size, i) => {
      const padded = (image[i] ?? 0) + (pads[i] ?? 0) + (pads[i + block.length] ?? 0);
      const extent = (size - 1) * (dilations[i] ?? 1) + 1;
      const count = Math.floor((padded - extent) / (strides[i] ?? 1)) + 1;
      return { count, rest: padded - extent - (count - 1) * (strides[i] ?? 1) };
    });
    const kernel = new Float32Array(positions * positions);
    for (let i = 0; i < positions; i++) kernel[i * positions + i] = 1;
    const weights = emit.constant('constant/block', float32Tensor([positions, 1, ...block], kernel));
    const columns = emit.reshape(ctx.input(0), [
      n * channels,
      positions,
      ...geometry.map(({ count }) => count),
    ]);
    const output_padding = geometry.map(({ rest }) => rest);
    const window = { kernel_shape: block, strides, dilations, pads, output_padding };
    return [emit.reshape(emit.op('ConvTranspose', [columns, weights], window), [n, channels, ...image])];
  },
};

export const col2ImLowerings: readonly Lowering[] = [col2Im];
