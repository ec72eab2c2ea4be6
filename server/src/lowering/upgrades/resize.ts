/** Upsample (7 to 9) and the Resize of opset 10, which both count coordinates from the corner. */
import type { Lowering, LoweringContext } from '../lowering';

/**
 * x_in = x_out / scale; onnxruntime's nearest of these operators takes the element at or after it where the axis shrinks, and at
 * or before it where it grows (`upsamplebase.h`, `NearestMode::SIMPLE`), so that an axis of each kind takes a node of its own.
 */
function resized(ctx: LoweringContext, scales: readonly number[]): string {
  const mode = ctx.string('mode', 'nearest') === 'nearest' ? 'nearest' : 'linear';
  const along = (x: string, some: readonly number[], nearest: 'floor' | 'ceil'): string => {
    if (some.every((scale) => scale === 1)) return x;
    const factors = ctx.emit.shared(`constant/scales/${some.join('/')}`, () => ({
      ...{ type: 'float32', dims: [some.length] },
      data: new Uint8Array(Float32Array.from(some).buffer),
    }));
    const how = mode === 'nearest' ? { nearest_mode: nearest } : {};
    const coordinates = { coordinate_transformation_mode: 'asymmetric' };
    return ctx.emit.op('Resize', [x, '', factors], { mode, ...coordinates, ...how });
  };
  if (mode === 'linear') return along(ctx.input(0), scales, 'floor');
  const grown = along(
    ctx.input(0),
    scales.map((scale) => Math.max(scale, 1)),
    'floor',
  );
  return along(
    grown,
    scales.map((scale) => Math.min(scale, 1)),
    'ceil',
  );
}

const scalesOf = (ctx: LoweringContext): readonly number[] =>
  ctx.floats('scales') ?? ctx.numbers(1) ?? ctx.refuse('its scales are missing');

export const resizeUpgrades: readonly Lowering[] = [
  { opType: 'Upsample', lower: (ctx) => [resized(ctx, scalesOf(ctx))] },
  { opType: 'Resize', below: 11, lower: (ctx) => [resized(ctx, scalesOf(ctx))] },
];
