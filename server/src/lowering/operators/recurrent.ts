/** LSTM, GRU and RNN step by step (ONNX specification): what follows needs no rule for a loop. */
import type { Lowering, LoweringContext } from '../lowering';
import { range } from '../lowering';

/** Steps that are written out: each takes some ten nodes. */
const MOST_STEPS = 256;

type Cell = 'LSTM' | 'GRU' | 'RNN';

/** One direction: its parameters, its activations and its first state. */
interface Direction {
  readonly cell: Cell;
  /** (batch, gates x hidden) for each step, in the order of time: W x + its bias. */
  readonly steps: readonly string[];
  /** R transposed, (hidden, gates x hidden). */
  readonly r: string;
  /** The bias of R, (gates x hidden). */
  readonly rb: string;
  readonly hidden: number;
  readonly functions: readonly string[];
  readonly h: string;
  readonly c: string;
}

const GATES: Readonly<Record<Cell, number>> = { LSTM: 4, GRU: 3, RNN: 1 };
const FUNCTIONS: Readonly<Record<Cell, readonly string[]>> = {
  LSTM: ['Sigmoid', 'Tanh', 'Tanh'],
  GRU: ['Sigmoid', 'Tanh'],
  RNN: ['Tanh'],
};

const recurrent = (cell: Cell): Lowering => ({
  opType: cell,
  lower(ctx) {
    const { emit } = ctx;
    const batchFirst = ctx.int('layout', 0) === 1;
    const [first = 1, second = 1, width = 1] = ctx.dims(0);
    const [length, batch] = batchFirst ? [second, first] : [first, second];
    refuseRare(ctx, cell, length);
    if (length > MOST_STEPS)
      return ctx.refuse(`it has ${length} steps, more than the ${MOST_STEPS} that are written out`);
    const x = batchFirst ? emit.transpose(ctx.input(0), [1, 0, 2]) : ctx.input(0);
    const hidden = ctx.dims(2)[2] ?? 1;
    const directions = ctx.dims(1)[0] ?? 1;
    const runs = range(directions).map((d) => {
      const reverse = directions === 2 ? d === 1 : ctx.string('direction', 'forward') === 'reverse';
      const shape = { length, batch, width, hidden, reverse };
      const { hs, c } = runThrough(ctx, directionOf(ctx, cell, d, x, shape));
      const inTime = reverse ? hs.toReversed() : hs;
      const h = hs.at(-1) ?? '';
      return {
        sequence: emit.concat(
          inTime.map((each) => emit.reshape(each, [1, 1, batch, hidden])),
          0,
        ),
        h,
        c,
      };
    });
    const y = emit.concat(
      runs.map(({ sequence }) => sequence),
      1,
    );
    const last = (states: readonly string[]): string => {
      const all = emit.concat(
        states.map((state) => emit.reshape(state, [1, batch, hidden])),
        0,
      );
      return batchFirst ? emit.transpose(all, [1, 0, 2]) : all;
    };
    const outputs = [batchFirst ? emit.transpose(y, [2, 0, 1, 3]) : y, last(runs.map(({ h }) => h))];
    return cell === 'LSTM' ? [...outputs, last(runs.map(({ c }) => c))] : outputs;
  },
});

function refuseRare(ctx: LoweringContext, cell: Cell, length: number): void {
  if (ctx.numbers(4)?.some((own) => own !== length) === true)
    ctx.refuse('it has sequences of several lengths');
  if (ctx.has(7)) ctx.refuse('it has peepholes');
  if (ctx.node.attributes.has('clip')) ctx.refuse('it clips its cells');
  if (ctx.int('input_forget', 0) === 1) ctx.refuse('it couples its input and forget gates');
  const known = ['Sigmoid', 'Tanh', 'Relu'];
  const given = ctx.strings('activations') ?? FUNCTIONS[cell];
  const other = given.find((name) => !known.includes(name));
  if (other !== undefined) ctx.refuse(`its activation ${other} is not one of ${known.join(', ')}`);
}

interface Shape {
  readonly length: number;
  readonly batch: number;
  readonly width: number;
  readonly hidden: number;
  readonly reverse: boolean;
}

function directionOf(ctx: LoweringContext, cell: Cell, d: number, x: string, shape: Shape): Direction {
  const { emit } = ctx;
  const { length, batch, width, hidden, reverse } = shape;
  const rows = GATES[cell] * hidden;
  const part = (index: number, dims: readonly number[]): string =>
    emit.reshape(emit.slice(ctx.input(index), [0], [d], [d + 1]), dims);
  const zeros = (dims: readonly number[]): string => emit.expand(emit.scalar(0, ctx.type(0)), dims);
  const biases = ctx.has(3)
    ? emit.split(part(3, [2 * rows]), 0, [rows, rows])
    : [zeros([rows]), zeros([rows])];
  const projected = emit.op('MatMul', [x, emit.transpose(part(1, [rows, width]), [1, 0])]);
  const inputs = emit.split(
    emit.add(projected, biases[0] ?? ''),
    0,
    range(length).map(() => 1),
  );
  const steps = inputs.map((step) => emit.reshape(step, [batch, rows]));
  const state = (index: number): string => {
    if (!ctx.has(index)) return zeros([batch, hidden]);
    if (ctx.int('layout', 0) === 0) return part(index, [batch, hidden]);
    return emit.reshape(emit.slice(ctx.input(index), [1], [d], [d + 1]), [batch, hidden]);
  };
  const count = FUNCTIONS[cell].length;
  const functions = ctx.strings('activations')?.slice(d * count, (d + 1) * count) ?? FUNCTIONS[cell];
  return {
    ...{ cell, hidden, functions, rb: biases[1] ?? '', steps: reverse ? steps.toReversed() : steps },
    r: emit.transpose(part(2, [rows, hidden]), [1, 0]),
    ...{ h: state(5), c: cell === 'LSTM' ? state(6) : '' },
  };
}

/** The hidden state after each step, and the last cell. */
function runThrough(
  ctx: LoweringContext,
  direction: Direction,
): { readonly hs: readonly string[]; readonly c: string } {
  let { h, c } = direction;
  const hs = direction.steps.map((step) => {
    if (direction.cell === 'LSTM') [h, c] = lstmStep(ctx, direction, step, h, c);
    else h = direction.cell === 'GRU' ? gruStep(ctx, direction, step, h) : rnnStep(ctx, direction, step, h);
    return h;
  });
  return { hs, c };
}

const recurrence = ({ emit }: LoweringContext, { r, rb }: Direction, h: string): string =>
  emit.add(emit.op('MatMul', [h, r]), rb);

/** i, o, f = f(x W + h R + b), c~ = g(...); c = f c + i c~; h = o k(c). */
function lstmStep(ctx: LoweringContext, d: Direction, x: string, h: string, c: string): [string, string] {
  const { emit } = ctx;
  const [f = '', g = '', k = ''] = d.functions;
  const sum = emit.add(x, recurrence(ctx, d, h));
  const [i = '', o = '', forget = '', cell = ''] = emit.split(
    sum,
    1,
    range(4).map(() => d.hidden),
  );
  const gate = (t: string): string => emit.op(f, [t]);
  const kept = emit.mul(gate(forget), c);
  const next = emit.add(kept, emit.mul(gate(i), emit.op(g, [cell])));
  return [emit.mul(gate(o), emit.op(k, [next])), next];
}

/** z, r = f(...); h~ = g(x W + (r h) R + b), or with r after the product; h = (1 - z) h~ + z h. */
function gruStep(ctx: LoweringContext, d: Direction, x: string, h: string): string {
  const { emit } = ctx;
  const [f = '', g = ''] = d.functions;
  const thirds = (t: string): readonly string[] =>
    emit.split(
      t,
      1,
      range(3).map(() => d.hidden),
    );
  const [xz = '', xr = '', xh = ''] = thirds(x);
  const [hz = '', hr = '', hh = ''] = thirds(recurrence(ctx, d, h));
  const z = emit.op(f, [emit.add(xz, hz)]);
  const r = emit.op(f, [emit.add(xr, hr)]);
  const after = ctx.int('linear_before_reset', 0) !== 0;
  const inner = after ? emit.mul(r, hh) : (thirds(recurrence(ctx, d, emit.mul(r, h)))[2] ?? '');
  const proposed = emit.op(g, [emit.add(xh, inner)]);
  return emit.add(emit.mul(emit.sub(emit.scalar(1, ctx.type(0)), z), proposed), emit.mul(z, h));
}

/** h = f(x W + h R + b). */
const rnnStep = (ctx: LoweringContext, d: Direction, x: string, h: string): string =>
  ctx.emit.op(d.functions[0] ?? '', [ctx.emit.add(x, recurrence(ctx, d, h))]);

export const recurrentLowerings: readonly Lowering[] = (['LSTM', 'GRU', 'RNN'] as const).map(recurrent);
