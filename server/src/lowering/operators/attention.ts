/** Attention of opset 23 and 24 (ONNX specification). */
import type { Attended, Heads } from '../attend';
import { attend, causalBias, joinHeads, splitHeads } from '../attend';
import type { Lowering, LoweringContext } from '../lowering';

const attention: Lowering = {
  opType: 'Attention',
  lower(ctx) {
    const { emit } = ctx;
    if (ctx.has(6)) return ctx.refuse('it has lengths of its keys that are known only while the model runs');
    const flat = ctx.dims(0).length === 3;
    const q = headsOf(ctx, 0, 'q_num_heads');
    const k = withPast(ctx, headsOf(ctx, 1, 'kv_num_heads'), 4);
    const v = withPast(ctx, headsOf(ctx, 2, 'kv_num_heads'), 5);
    const type = ctx.type(0);
    const scale = ctx.float('scale', 0) || 1 / Math.sqrt(q.dims[3]);
    const softcap = ctx.float('softcap', 0);
    const attended = attend(emit, { q, k, v, type, scale, softcap, bias: biasOf(ctx, q, k) });
    const y = flat ? joinHeads(emit, attended.output) : attended.output.name;
    return [y, k.name, v.name, scoresOf(ctx, attended)];
  },
};

/** Raw scores or probabilities; the order of the steps in between differs between versions of the specification. */
function scoresOf(ctx: LoweringContext, { scores, shares }: Attended): string {
  const mode = ctx.int('qk_matmul_output_mode', 0);
  if (mode !== 0 && mode !== 3 && ctx.wants(3)) return ctx.refuse('its scores are used before their softmax');
  return mode === 3 ? shares : scores;
}

function headsOf(ctx: LoweringContext, index: number, attribute: string): Heads {
  const dims = ctx.dims(index);
  if (dims.length === 4)
    return { name: ctx.input(index), dims: dims as unknown as [number, number, number, number] };
  const heads = ctx.int(attribute, 0);
  if (dims.length !== 3 || heads < 1)
    return ctx.refuse(`its input ${index} is neither of 4 axes nor of 3 and heads`);
  return splitHeads(ctx.emit, ctx.input(index), dims, heads);
}

function withPast(ctx: LoweringContext, now: Heads, past: number): Heads {
  if (!ctx.has(past)) return now;
  const [batch, heads, length, size] = now.dims;
  const before = ctx.dims(past)[2] ?? 0;
  const name = ctx.emit.concat([ctx.input(past), now.name], 2);
  return { name, dims: [batch, heads, length + before, size] };
}

/** A Boolean mask selects; a numeric one is added. */
function biasOf(ctx: LoweringContext, q: Heads, k: Heads): string | undefined {
  const { emit } = ctx;
  const type = ctx.type(0);
  const parts: string[] = [];
  if (ctx.has(3)) {
    const blocked = (): string => emit.scalar(-Infinity, type);
    const isBool = ctx.type(3) === 'bool';
    parts.push(isBool ? emit.op('Where', [ctx.input(3), emit.scalar(0, type), blocked()]) : ctx.input(3));
  }
  if (ctx.int('is_causal', 0) === 1) {
    const before = ctx.has(4) ? (ctx.dims(4)[2] ?? 0) : 0;
    parts.push(causalBias(emit, q.dims[2], k.dims[2], before, type));
  }
  const [first, second] = parts;
  return first !== undefined && second !== undefined ? emit.add(first, second) : first;
}

export const attentionLowerings: readonly Lowering[] = [attention];
