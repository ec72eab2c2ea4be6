/** Scaled dot-product attention as matrix products and a softmax: what every attention operator is made of. */
import type { Emitter } from '../autodiff/emitter';
import { float32Tensor } from '../onnx/builder';
import type { DataType } from '../onnx/model';

export interface Heads {
  readonly name: string;
  /** (batch, heads, length, size). */
  readonly dims: readonly [number, number, number, number];
}

export interface Attend {
  readonly q: Heads;
  readonly k: Heads;
  readonly v: Heads;
  readonly type: DataType;
  readonly scale: number;
  /** Added to the scores, as they broadcast. */
  readonly bias?: string | undefined;
  /** Scores become softcap tanh(scores / softcap); 0 leaves them. */
  readonly softcap?: number;
}

export interface Attended {
  /** (batch, heads, length of q, size of v). */
  readonly output: Heads;
  /** scale q k^T. */
  readonly scores: string;
  /** Their softmax. */
  readonly shares: string;
}

/** y = softmax(cap(scale q k^T) + bias) v, capped before the bias as in onnxruntime 1.30; several heads of q may share one of k and v. */
export function attend(emit: Emitter, { q, k, v, type, scale, bias, softcap = 0 }: Attend): Attended {
  const [batch, heads, length] = q.dims;
  const [keys, values] = [k, v].map((shared) => repeated(emit, shared, heads)) as [string, string];
  const product = emit.op('MatMul', [
    emit.mul(q.name, emit.scalar(scale, type)),
    emit.transpose(keys, [0, 1, 3, 2]),
  ]);
  const cap = (): string => emit.scalar(softcap, type);
  const capped = softcap === 0 ? product : emit.mul(cap(), emit.op('Tanh', [emit.div(product, cap())]));
  const biased = bias === undefined ? capped : emit.add(capped, bias);
  const shares = emit.op('Softmax', [biased], { axis: -1 });
  const output = emit.op('MatMul', [shares, values]);
  return {
    output: { name: output, dims: [batch, heads, length, v.dims[3]] },
    ...{ scores: product, shares },
  };
}

/** Repeats each head of keys or values for the heads of queries that share it. */
function repeated(emit: Emitter, { name, dims }: Heads, heads: number): string {
  const [batch, own, length, size] = dims;
  if (own === heads) return name;
  const each = heads / own;
  const spread = emit.expand(emit.reshape(name, [batch, own, 1, length, size]), [
    batch,
    own,
    each,
    length,
    size,
  ]);
  return emit.reshape(spread, [batch, heads, length, size]);
}

/** (batch, length, heads * size) to (batch, heads, length, size). */
export function splitHeads(emit: Emitter, name: string, dims: readonly number[], heads: number): Heads {
  const [batch = 1, length = 1, width = 1] = dims;
  const size = width / heads;
  const split = emit.reshape(name, [batch, length, heads, size]);
  return { name: emit.transpose(split, [0, 2, 1, 3]), dims: [batch, heads, length, size] };
}

/** The inverse of `splitHeads`. */
export function joinHeads(emit: Emitter, { name, dims }: Heads): string {
  const [batch, heads, length, size] = dims;
  return emit.reshape(emit.transpose(name, [0, 2, 1, 3]), [batch, length, heads * size]);
}

/** (queries, keys): 0 up to the diagonal that begins at `offset`, minus infinity after it. */
export function causalBias(
  emit: Emitter,
  queries: number,
  keys: number,
  offset: number,
  type: DataType,
): string {
  const values = Float32Array.from({ length: queries * keys }, (_, i) =>
    i % keys > Math.floor(i / keys) + offset ? -Infinity : 0,
  );
  const bias = emit.constant('constant/causal', float32Tensor([queries, keys], values));
  return type === 'float32' ? bias : emit.cast(bias, type);
}
