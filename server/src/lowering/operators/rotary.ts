/** RotaryEmbedding of opset 23: pairs of features turned by angles that depend on the position (arXiv 2104.09864). */
import type { Lowering, LoweringContext } from '../lowering';

const rotaryEmbedding: Lowering = {
  opType: 'RotaryEmbedding',
  lower(ctx) {
    const { emit } = ctx;
    const dims = ctx.dims(0);
    const flat = dims.length === 3;
    const [batch = 1, second = 1, third = 1, fourth = 1] = dims;
    const heads = flat ? ctx.int('num_heads', 0) : second;
    if (flat && heads < 1) return ctx.refuse('its num_heads are missing');
    const [length, size] = flat ? [second, third / heads] : [third, fourth];
    const x = flat
      ? emit.reshape(ctx.input(0), [batch, length, heads, size])
      : emit.transpose(ctx.input(0), [0, 2, 1, 3]);
    const turned = ctx.int('rotary_embedding_dim', 0) || size;
    const [active = x, rest] = turned === size ? [x] : emit.split(x, 3, [turned, size - turned]);
    const half = turned / 2;
    const table = (index: number): string => {
      const rows = ctx.has(3)
        ? emit.op('Gather', [ctx.input(index), ctx.input(3)], { axis: 0 })
        : ctx.input(index);
      const used = (ctx.dims(index).at(-1) ?? half) > half ? emit.slice(rows, [-1], [0], [half]) : rows;
      return emit.reshape(used, [
        ctx.has(3) ? (ctx.dims(3)[0] ?? 1) : (ctx.dims(index)[0] ?? 1),
        length,
        1,
        half,
      ]);
    };
    const rotated = turn(ctx, active, [batch, length, heads, turned], [table(1), table(2)]);
    const whole = rest === undefined ? rotated : emit.concat([rotated, rest], 3);
    return [flat ? emit.reshape(whole, dims) : emit.transpose(whole, [0, 2, 1, 3])];
  },
};

/** (a, b) becomes (a cos - b sin, a sin + b cos); pairs are neighbors or lie half the features apart. */
function turn(
  ctx: LoweringContext,
  x: string,
  dims: readonly [number, number, number, number],
  [cos, sin]: readonly [string, string],
): string {
  const { emit } = ctx;
  const [batch, length, heads, turned] = dims;
  const half = turned / 2;
  const neighbors = ctx.int('interleaved', 0) === 1;
  const pairs = neighbors ? emit.reshape(x, [batch, length, heads, half, 2]) : x;
  const split = emit.split(pairs, neighbors ? 4 : 3, neighbors ? [1, 1] : [half, half]);
  const [a, b] = split.map((part) =>
    neighbors ? emit.reshape(part, [batch, length, heads, half]) : part,
  ) as [string, string];
  const first = emit.sub(emit.mul(a, cos), emit.mul(b, sin));
  const second = emit.add(emit.mul(a, sin), emit.mul(b, cos));
  if (!neighbors) return emit.concat([first, second], 3);
  const columns = [first, second].map((part) => emit.reshape(part, [batch, length, heads, half, 1]));
  return emit.reshape(emit.concat(columns, 4), [batch, length, heads, turned]);
}

export const rotaryLowerings: readonly Lowering[] = [rotaryEmbedding];
