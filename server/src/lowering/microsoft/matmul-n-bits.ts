/** com.microsoft MatMulNBits: a product with weights of 2 to 8 bits, packed in blocks along the rows of the first factor. */
import { float32Tensor } from '../../onnx/builder';
import { isExternal } from '../../onnx/model';
import type { Lowering, LoweringContext } from '../lowering';

interface Packing {
  /** Columns of the product, and the length that is summed over. */
  readonly n: number;
  readonly k: number;
  readonly bits: number;
  readonly block: number;
  readonly blocks: number;
}

/** Value `i` of a row of values that are packed from the lowest bit on. */
function unpacked(bytes: Uint8Array, start: number, i: number, bits: number): number {
  const first = i * bits;
  const at = start + (first >> 3);
  const word = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
  return (word >> (first & 7)) & ((1 << bits) - 1);
}

function bytesOf(ctx: LoweringContext, index: number): Uint8Array {
  const data = ctx.constant(index)?.data ?? ctx.refuse('its weights are computed');
  return isExternal(data) ? ctx.refuse('its weights have not been read') : data;
}

/** By column and block: given as numbers, packed like the weights, or half of the range. */
function zeroPointsOf(
  ctx: LoweringContext,
  { n, bits, blocks }: Packing,
): (column: number, b: number) => number {
  if (!ctx.has(3)) return () => 2 ** (bits - 1);
  if (ctx.type(3) !== 'uint8') {
    const given = ctx.numbers(3) ?? [];
    return (column, b) => given[column * blocks + b] ?? 0;
  }
  const bytes = bytesOf(ctx, 3);
  const row = Math.ceil((blocks * bits) / 8);
  if (bytes.length < n * row) return ctx.refuse('its zero points are too few');
  return (column, b) => unpacked(bytes, column * row, b, bits);
}

/** (k, n): (q - zero point) scale, computed here, so that weights stay weights. */
function weightsOf(ctx: LoweringContext, packing: Packing): Float32Array {
  const { n, k, bits, block, blocks } = packing;
  const bytes = bytesOf(ctx, 1);
  const scales = ctx.numbers(2) ?? ctx.refuse('its scales are missing');
  const size = Math.ceil((block * bits) / 8);
  if (bytes.length < n * blocks * size || scales.length < n * blocks)
    return ctx.refuse(`it has fewer weights than its ${k} rows and ${n} columns take`);
  const zeroAt = zeroPointsOf(ctx, packing);
  const values = new Float32Array(k * n);
  for (let column = 0; column < n; column++)
    for (let b = 0; b < blocks; b++) {
      const [scale, zero] = [scales[column * blocks + b] ?? 0, zeroAt(column, b)];
      const start = (column * blocks + b) * size;
      for (let i = 0; i < block && b * block + i < k; i++)
        values[(b * block + i) * n + column] = (unpacked(bytes, start, i, bits) - zero) * scale;
    }
  return values;
}

/** A W + bias. */
const matMulNBits: Lowering = {
  ...{ domain: 'com.microsoft', opType: 'MatMulNBits' },
  lower(ctx) {
    const { emit } = ctx;
    if (ctx.has(4)) return ctx.refuse('its groups are given by an index');
    const positive = (name: string): number => {
      const value = ctx.int(name, 0);
      return value > 0 ? value : ctx.refuse(`its ${name} is missing`);
    };
    const [n, k, block] = [positive('N'), positive('K'), positive('block_size')];
    const bits = ctx.int('bits', 4);
    if (bits < 2 || bits > 8) return ctx.refuse(`its weights have ${bits} bits`);
    if (ctx.dims(0).at(-1) !== k) return ctx.refuse(`its K is ${k}, unlike the input's last axis`);
    const packing = { n, k, bits, block, blocks: Math.ceil(k / block) };
    const weights = emit.constant('constant/weights', float32Tensor([k, n], weightsOf(ctx, packing)));
    const y = emit.op('MatMul', [ctx.input(0), weights]);
    return [ctx.has(5) ? emit.add(y, ctx.input(5)) : y];
  },
};

export const blockQuantizedLowerings: readonly Lowering[] = [matMulNBits];
