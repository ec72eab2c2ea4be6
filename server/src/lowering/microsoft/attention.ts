/** com.microsoft: Attention and MultiHeadAttention without memory of earlier calls, as encoders of images have them. */
import type { Heads } from '../attend';
import { attend, causalBias, joinHeads, splitHeads } from '../attend';
import type { Lowering, LoweringContext } from '../lowering';

const domain = 'com.microsoft';

/** Refuses features of language models: length masks, past keys, caches. */
function refuseRare(ctx: LoweringContext, rare: readonly (readonly [index: number, what: string])[]): void {
  for (const [index, what] of rare) if (ctx.has(index)) ctx.refuse(`it has ${what}`);
  if (ctx.int('do_rotary', 0) === 1) ctx.refuse('it turns its queries and keys');
  if ([1, 2, 3].some((output) => ctx.wants(output))) ctx.refuse('its keys, values or scores are used');
}

/** Scores as they broadcast to (batch, heads, queries, keys). */
function biasOf(ctx: LoweringContext, index: number, q: Heads, k: Heads): string | undefined {
  const given = ctx.has(index) ? ctx.input(index) : undefined;
  if (ctx.int('unidirectional', 0) !== 1) return given;
  const causal = causalBias(ctx.emit, q.dims[2], k.dims[2], k.dims[2] - q.dims[2], ctx.type(0));
  return given === undefined ? causal : ctx.emit.add(given, causal);
}

function attended(
  ctx: LoweringContext,
  bias: number,
  [q, k, v]: readonly [Heads, Heads, Heads],
): readonly string[] {
  const scale = ctx.float('scale', 0) || 1 / Math.sqrt(q.dims[3]);
  const type = ctx.type(0);
  const { output } = attend(ctx.emit, { q, k, v, type, scale, bias: biasOf(ctx, bias, q, k) });
  return [joinHeads(ctx.emit, output)];
}

/** Inputs: input, weights, bias, mask, past, scores to add. One product makes queries, keys and values. */
const attention: Lowering = {
  ...{ domain, opType: 'Attention' },
  lower(ctx) {
    const { emit } = ctx;
    refuseRare(ctx, [
      [3, 'a mask'],
      [4, 'past keys'],
      [6, 'past keys'],
    ]);
    const heads = ctx.int('num_heads', 1);
    const [batch = 1, length = 1] = ctx.dims(0);
    const width = ctx.dims(1)[1] ?? 1;
    const sizes = ctx.ints('qkv_hidden_sizes') ?? [width / 3, width / 3, width / 3];
    const projected = emit.op('MatMul', [ctx.input(0), ctx.input(1)]);
    const all = ctx.has(2) ? emit.add(projected, ctx.input(2)) : projected;
    const parts = emit.split(all, 2, sizes);
    const each = parts.map((part, i) => splitHeads(emit, part, [batch, length, sizes[i] ?? 1], heads));
    return attended(ctx, 5, each as unknown as [Heads, Heads, Heads]);
  },
};

/** Inputs: query, key, value, bias of all three, padding, scores to add, past keys and values. */
const multiHead: Lowering = {
  ...{ domain, opType: 'MultiHeadAttention' },
  lower(ctx) {
    const { emit } = ctx;
    refuseRare(ctx, [
      [4, 'a mask'],
      [6, 'past keys'],
      [7, 'past values'],
      [8, 'a cache'],
    ]);
    if (!ctx.has(1) || !ctx.has(2)) return ctx.refuse('its queries, keys and values are one tensor');
    const heads = ctx.int('num_heads', 1);
    const dims = ctx.dims(0);
    if (dims.length !== 3) return ctx.refuse('its queries, keys and values are one tensor');
    const widths = [0, 1, 2].map((i) => (ctx.dims(i).length === 3 ? (ctx.dims(i)[2] ?? 1) : (dims[2] ?? 1)));
    const biases = ctx.has(3) ? emit.split(ctx.input(3), 0, widths) : [];
    const each = [0, 1, 2].map((i): Heads => {
      const own = ctx.dims(i);
      // Keys and values of another sequence are already split.
      if (own.length === 4) return { name: ctx.input(i), dims: own as unknown as Heads['dims'] };
      const bias = biases[i];
      const x = bias === undefined ? ctx.input(i) : emit.add(ctx.input(i), bias);
      return splitHeads(emit, x, own, heads);
    });
    return attended(ctx, 5, each as unknown as [Heads, Heads, Heads]);
  },
};

export const microsoftAttention: readonly Lowering[] = [attention, multiHead];
