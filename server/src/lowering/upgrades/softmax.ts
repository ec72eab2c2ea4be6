/** Softmax, LogSoftmax and Hardmax before opset 13: everything from `axis` on is one axis ("coerced to 2-D"). */
import type { Lowering } from '../lowering';
import { fromFront, product } from '../lowering';

const flattening = (opType: string): Lowering => ({
  opType,
  below: 13,
  lower(ctx) {
    const { emit } = ctx;
    const dims = ctx.dims(0);
    const axis = fromFront(ctx.int('axis', 1), dims.length);
    const after = dims.slice(axis);
    // The newer operator takes one axis, or others of size one after it.
    if (axis < dims.length && after.slice(1).every((size) => size === 1))
      return [emit.op(opType, [ctx.input(0)], { axis })];
    const flat = emit.reshape(ctx.input(0), [product(dims.slice(0, axis)), product(after)]);
    return [emit.reshape(emit.op(opType, [flat], { axis: 1 }), dims)];
  },
});

export const softmaxUpgrades: readonly Lowering[] = ['Softmax', 'LogSoftmax', 'Hardmax'].map(flattening);
