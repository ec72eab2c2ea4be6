/** One step of LSTM, GRU and RNN, and the activations that they may have (ONNX specification). */
import { float } from '../../onnx/builder';
import type { LoweringContext } from '../lowering';
import { range } from '../lowering';

export type Cell = 'LSTM' | 'GRU' | 'RNN';

type Activation = (x: string) => string;

export interface CellContext {
  /** R transposed, (hidden, gates x hidden). */
  readonly r: string;
  /** The bias of R, (gates x hidden). */
  readonly rb: string;
  readonly hidden: number;
  readonly functions: readonly Activation[];
  /** Weights (hidden) with which an LSTM's gates i, o and f see its cell. */
  readonly peepholes: readonly string[] | null;
}

const FUNCTIONS: Readonly<Record<Cell, readonly string[]>> = {
  LSTM: ['Sigmoid', 'Tanh', 'Tanh'],
  GRU: ['Sigmoid', 'Tanh'],
  RNN: ['Tanh'],
};

/** Activations that take numbers, and these where the node gives none (onnxruntime, `rnn_activation_functors.h`). */
const PARAMETERS: Readonly<Record<string, { readonly alpha: number; readonly beta?: number }>> = {
  affine: { alpha: 0, beta: 0 },
  elu: { alpha: 1 },
  hardsigmoid: { alpha: 0.2, beta: 0.5 },
  leakyrelu: { alpha: 0.01 },
  scaledtanh: { alpha: 0, beta: 0 },
  thresholdedrelu: { alpha: 0 },
};

/** Those of direction `d`. Names count in any case; numbers are dealt out in order to those that take any. */
export function functionsOf(ctx: LoweringContext, cell: Cell, d: number): readonly Activation[] {
  const usual = FUNCTIONS[cell];
  const names = ctx.strings('activations') ?? [...usual, ...usual];
  const [alphas, betas] = [ctx.floats('activation_alpha') ?? [], ctx.floats('activation_beta') ?? []];
  let [a, b] = [0, 0];
  const all = names.map((name, i) => {
    const { alpha, beta } = PARAMETERS[name.toLowerCase()] ?? {};
    const given = [
      alpha === undefined ? 0 : (alphas[a++] ?? alpha),
      beta === undefined ? 0 : (betas[b++] ?? beta),
    ] as const;
    return limited(ctx, activation(ctx, name, ...given), i % usual.length);
  });
  return all.slice(d * usual.length, (d + 1) * usual.length);
}

/** `clip` limits what the gates see; the last activation of an LSTM sees its cell as it is. */
function limited(ctx: LoweringContext, apply: Activation, which: number): Activation {
  if (!ctx.node.attributes.has('clip') || which === 2) return apply;
  const [low, high] = [-1, 1].map((sign) => ctx.emit.scalar(sign * ctx.float('clip', 0), ctx.type(0)));
  return (x) => apply(ctx.emit.op('Clip', [x, low ?? '', high ?? '']));
}

function activation(ctx: LoweringContext, name: string, alpha: number, beta: number): Activation {
  const { emit } = ctx;
  const c = (value: number): string => emit.scalar(value, ctx.type(0));
  const scaled = (x: string, by: number): string => emit.mul(x, c(by));
  switch (name.toLowerCase()) {
    case 'sigmoid':
      return (x) => emit.op('Sigmoid', [x]);
    case 'tanh':
      return (x) => emit.op('Tanh', [x]);
    case 'relu':
      return (x) => emit.op('Relu', [x]);
    case 'softsign':
      return (x) => emit.op('Softsign', [x]);
    case 'softplus':
      return (x) => emit.op('Softplus', [x]);
    case 'affine':
      return (x) => emit.add(scaled(x, alpha), c(beta));
    case 'scaledtanh':
      return (x) => scaled(emit.op('Tanh', [scaled(x, beta)]), alpha);
    case 'leakyrelu':
      return (x) => emit.op('LeakyRelu', [x], { alpha: float(alpha) });
    case 'thresholdedrelu':
      return (x) => emit.op('ThresholdedRelu', [x], { alpha: float(alpha) });
    case 'elu':
      return (x) => emit.op('Elu', [x], { alpha: float(alpha) });
    case 'hardsigmoid':
      return (x) => emit.op('HardSigmoid', [x], { alpha: float(alpha), beta: float(beta) });
    default:
      return ctx.refuse(`its activation ${name} is not known`);
  }
}

const identity: Activation = (x) => x;

const recurrence = ({ emit }: LoweringContext, { r, rb }: CellContext, h: string): string =>
  emit.add(emit.op('MatMul', [h, r]), rb);

const parts = (ctx: LoweringContext, x: string, count: number, hidden: number): readonly string[] =>
  ctx.emit.split(
    x,
    1,
    range(count).map(() => hidden),
  );

/**
 * i, f = f(x W + h R + b + P c), c~ = g(...); c' = f c + i c~; o = f(... + P c'); h = o k(c'). Coupled gates have f = 1 - i.
 * @returns h, c'
 */
export function lstmStep(
  ctx: LoweringContext,
  d: CellContext,
  x: string,
  h: string,
  c: string,
): readonly [string, string] {
  const { emit } = ctx;
  const [f = identity, g = identity, k = identity] = d.functions;
  const [i = '', o = '', forget = '', cell = ''] = parts(
    ctx,
    emit.add(x, recurrence(ctx, d, h)),
    4,
    d.hidden,
  );
  const seeing = (gate: string, which: number, state: string): string =>
    d.peepholes === null ? gate : emit.add(gate, emit.mul(d.peepholes[which] ?? '', state));
  const input = f(seeing(i, 0, c));
  const coupled = ctx.int('input_forget', 0) !== 0;
  const kept = coupled ? emit.sub(emit.scalar(1, ctx.type(0)), input) : f(seeing(forget, 2, c));
  const next = emit.add(emit.mul(kept, c), emit.mul(input, g(cell)));
  return [emit.mul(f(seeing(o, 1, next)), k(next)), next];
}

/** z, r = f(...); h~ = g(x W + (r h) R + b), or with r after the product; h = (1 - z) h~ + z h. */
export function gruStep(ctx: LoweringContext, d: CellContext, x: string, h: string): string {
  const { emit } = ctx;
  const [f = identity, g = identity] = d.functions;
  const thirds = (t: string): readonly string[] => parts(ctx, t, 3, d.hidden);
  const [xz = '', xr = '', xh = ''] = thirds(x);
  const [hz = '', hr = '', hh = ''] = thirds(recurrence(ctx, d, h));
  const z = f(emit.add(xz, hz));
  const r = f(emit.add(xr, hr));
  const after = ctx.int('linear_before_reset', 0) !== 0;
  const inner = after ? emit.mul(r, hh) : (thirds(recurrence(ctx, d, emit.mul(r, h)))[2] ?? '');
  const proposed = g(emit.add(xh, inner));
  return emit.add(emit.mul(emit.sub(emit.scalar(1, ctx.type(0)), z), proposed), emit.mul(z, h));
}

/** h = f(x W + h R + b). */
export const rnnStep = (ctx: LoweringContext, d: CellContext, x: string, h: string): string =>
  (d.functions[0] ?? identity)(ctx.emit.add(x, recurrence(ctx, d, h)));
