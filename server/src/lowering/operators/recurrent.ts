/** LSTM, GRU and RNN unrolled step by step (ONNX specification), so that no gradient rule for a loop is needed. */
import { float32Tensor } from '../../onnx/builder';
import type { Lowering, LoweringContext } from '../lowering';
import { range } from '../lowering';
import type { Cell, CellContext } from './recurrent-cells';
import { functionsOf, gruStep, lstmStep, rnnStep } from './recurrent-cells';

/** Most steps that are unrolled: each takes some ten nodes. */
const MOST_STEPS = 256;

/** One direction: its cell, its steps and its first state. */
interface Direction extends CellContext {
  readonly cell: Cell;
  /** (batch, gates x hidden) for each step, in the order in which they are taken: W x + its bias. */
  readonly steps: readonly string[];
  /** By step: (batch, 1), whether the sequence has that step; null where all have. */
  readonly within: readonly (string | null)[];
  readonly h: string;
  readonly c: string;
}

const GATES: Readonly<Record<Cell, number>> = { LSTM: 4, GRU: 3, RNN: 1 };

const recurrent = (cell: Cell): Lowering => ({
  opType: cell,
  lower(ctx) {
    const { emit } = ctx;
    const batchFirst = ctx.int('layout', 0) === 1;
    const [first = 1, second = 1, width = 1] = ctx.dims(0);
    const [length, batch] = batchFirst ? [second, first] : [first, second];
    if (length > MOST_STEPS)
      return ctx.refuse(`it has ${length} steps, more than the ${MOST_STEPS} that are written out`);
    const x = batchFirst ? emit.transpose(ctx.input(0), [1, 0, 2]) : ctx.input(0);
    const hidden = ctx.dims(2)[2] ?? 1;
    const directions = ctx.dims(1)[0] ?? 1;
    const runs = range(directions).map((d) => {
      const reverse = directions === 2 ? d === 1 : ctx.string('direction', 'forward') === 'reverse';
      const shape = { length, batch, width, hidden, reverse };
      const { outputs: made, h, c } = runThrough(ctx, directionOf(ctx, cell, d, x, shape));
      const inTime = reverse ? made.toReversed() : made;
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
  const order = reverse ? range(length).toReversed() : range(length);
  const within = order.map((t) => withinAt(ctx, t, batch));
  return {
    ...{ cell, hidden, within, functions: functionsOf(ctx, cell, d), rb: biases[1] ?? '' },
    steps: order.map((t) => steps[t] ?? ''),
    r: emit.transpose(part(2, [rows, hidden]), [1, 0]),
    peepholes: ctx.has(7) ? emit.split(part(7, [3 * hidden]), 0, [hidden, hidden, hidden]) : null,
    ...{ h: state(5), c: cell === 'LSTM' ? state(6) : '' },
  };
}

/** Which sequences of the batch have step `t`. */
function withinAt(ctx: LoweringContext, t: number, batch: number): string | null {
  const lengths = ctx.numbers(4);
  if (lengths === undefined || lengths.every((own) => t < own)) return null;
  if (lengths.some((own) => own < 1)) return ctx.refuse('it has an empty sequence');
  const values = range(batch).map((b) => (t < (lengths[b] ?? 0) ? 1 : 0));
  return ctx.emit.cast(ctx.emit.constant('constant/within', float32Tensor([batch, 1], values)), 'bool');
}

/**
 * The output of each step, and the last states. After the end of a sequence its states stay and its outputs are zero; backward it
 * begins at its own end.
 */
function runThrough(
  ctx: LoweringContext,
  direction: Direction,
): { readonly outputs: readonly string[]; readonly h: string; readonly c: string } {
  const { emit } = ctx;
  const { cell, within } = direction;
  let { h, c } = direction;
  const outputs = direction.steps.map((step, i) => {
    const [nextH, nextC] =
      cell === 'LSTM'
        ? lstmStep(ctx, direction, step, h, c)
        : [(cell === 'GRU' ? gruStep : rnnStep)(ctx, direction, step, h), ''];
    const has = within[i] ?? null;
    if (has === null) {
      [h, c] = [nextH, nextC];
      return h;
    }
    h = emit.op('Where', [has, nextH, h]);
    if (cell === 'LSTM') c = emit.op('Where', [has, nextC, c]);
    return emit.op('Where', [has, nextH, emit.scalar(0, ctx.type(0))]);
  });
  return { outputs, h, c };
}

export const recurrentLowerings: readonly Lowering[] = (['LSTM', 'GRU', 'RNN'] as const).map(recurrent);
