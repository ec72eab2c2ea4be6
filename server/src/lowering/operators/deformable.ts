/** DeformConv (arXiv 1703.06211, with the mask of 1811.11168) and RoiAlign (arXiv 1703.06870), as samples between pixels. */
import { float32Tensor } from '../../onnx/builder';
import type { Lowering, LoweringContext } from '../lowering';
import { product, range } from '../lowering';
import { sampled } from '../sample';

/** Every position of the kernel samples its place plus its offset; the weights are then a product over channels and positions. */
const deformConv: Lowering = {
  opType: 'DeformConv',
  lower(ctx) {
    const { emit } = ctx;
    const [dims, weights, offsets] = [ctx.dims(0), ctx.dims(1), ctx.dims(2)];
    const [n = 1, channels = 1] = dims;
    const kernel = weights.slice(2);
    if (kernel.length !== 2) return ctx.refuse(`it has ${kernel.length} axes of space`);
    const [groups, parts] = [ctx.int('group', 1), ctx.int('offset_group', 1)];
    const out = offsets.slice(2);
    const [count, points] = [product(kernel), product(out)];
    const type = ctx.type(0);
    const columns = sampled(emit, {
      image: emit.reshape(ctx.input(0), [n * parts, channels / parts, ...dims.slice(2)]),
      dims: [n * parts, channels / parts, ...dims.slice(2)],
      ...{ type, points: count * points, mode: 'linear', border: 'zeros', aligned: true },
      positions: kernelPositions(ctx, { n, parts, kernel, out }),
    });
    const masked = ctx.has(4)
      ? emit.mul(columns, emit.reshape(ctx.input(4), [n * parts, 1, count * points]))
      : columns;
    const [outputs = 1, each = 1] = weights;
    const rows = emit.reshape(masked, [n, groups, each * count, points]);
    const matrix = emit.reshape(ctx.input(1), [groups, outputs / groups, each * count]);
    const y = emit.reshape(emit.op('MatMul', [matrix, rows]), [n, outputs, ...out]);
    return [ctx.has(3) ? emit.add(y, emit.reshape(ctx.input(3), [outputs, 1, 1])) : y];
  },
};

interface Geometry {
  readonly n: number;
  readonly parts: number;
  readonly kernel: readonly number[];
  readonly out: readonly number[];
}

/** For each axis (n parts, 1, positions of the kernel x outputs): regular place and offset. */
function kernelPositions(ctx: LoweringContext, { n, parts, kernel, out }: Geometry): readonly string[] {
  const { emit } = ctx;
  const [strides, dilations] = [ctx.ints('strides') ?? [1, 1], ctx.ints('dilations') ?? [1, 1]];
  const pads = ctx.ints('pads') ?? [0, 0, 0, 0];
  const [count, points] = [product(kernel), product(out)];
  const split = emit.split(emit.reshape(ctx.input(2), [n * parts, count, 2, points]), 2, [1, 1]);
  return split.map((offset, axis) => {
    const regular = Float32Array.from({ length: count * points }, (_, i) => {
      const [k, o] = [Math.floor(i / points), i % points];
      const along = (flat: number, sizes: readonly number[]): number =>
        axis === 0 ? Math.floor(flat / (sizes[1] ?? 1)) : flat % (sizes[1] ?? 1);
      return (
        along(o, out) * (strides[axis] ?? 1) - (pads[axis] ?? 0) + along(k, kernel) * (dilations[axis] ?? 1)
      );
    });
    const places = emit.constant('constant/places', float32Tensor([1, 1, count * points], regular));
    const typed = ctx.type(0) === 'float32' ? places : emit.cast(places, ctx.type(0));
    return emit.add(emit.reshape(offset, [n * parts, 1, count * points]), typed);
  });
}

/** Averages of bilinear samples in each bin of each region; regions and the number of samples are known before the model runs. */
const roiAlign: Lowering = {
  opType: 'RoiAlign',
  lower(ctx) {
    const { emit } = ctx;
    const [rois, batch] = [ctx.numbers(1), ctx.numbers(2)];
    if (rois === undefined || batch === undefined) return ctx.refuse('its regions are missing');
    if (ctx.string('mode', 'avg') !== 'avg') return ctx.refuse('it takes the maximum of its samples');
    const dims = ctx.dims(0);
    const [h, w] = [ctx.int('output_height', 1), ctx.int('output_width', 1)];
    const pooled = batch.map((image, r) => {
      const [, c = 1, ...space] = dims;
      const plane = emit.op('Gather', [ctx.input(0), emit.ints([image])], { axis: 0 });
      const { places, samples } = bins(ctx, rois.slice(4 * r, 4 * r + 4), space, [h, w]);
      const points = h * w * samples;
      const positions = places.map((values) =>
        emit.constant('constant/bins', float32Tensor([1, 1, points], Float32Array.from(values))),
      );
      const shape = { image: plane, dims: [1, c, ...space], type: ctx.type(0), positions, points };
      const y = sampled(emit, { ...shape, mode: 'linear', border: 'border', aligned: true });
      const weights = emit.constant(
        'constant/inside',
        float32Tensor([1, 1, points], insideOf(places, space)),
      );
      const grouped = emit.reshape(emit.mul(y, weights), [1, c, h, w, samples]);
      return emit.reduce('ReduceMean', grouped, [4], false);
    });
    return [pooled.length === 1 ? (pooled[0] ?? '') : emit.concat(pooled, 0)];
  },
};

/** More than a pixel outside counts as 0 (onnxruntime, `roialign.cc`). */
const insideOf = (places: readonly (readonly number[])[], space: readonly number[]): Float32Array =>
  Float32Array.from(places[0] ?? [], (_, i) =>
    places.every((along, axis) => (along[i] ?? 0) >= -1 && (along[i] ?? 0) <= (space[axis] ?? 0)) ? 1 : 0,
  );

/** Where each sample of each bin is, along height and width. */
function bins(
  ctx: LoweringContext,
  [x1 = 0, y1 = 0, x2 = 0, y2 = 0]: readonly number[],
  _space: readonly number[],
  [h, w]: readonly [number, number],
): { readonly places: readonly (readonly number[])[]; readonly samples: number } {
  const scale = ctx.float('spatial_scale', 1);
  const half = ctx.string('coordinate_transformation_mode', 'half_pixel') === 'half_pixel';
  const shift = half ? 0.5 : 0;
  const [left, top, right, bottom] = [x1, y1, x2, y2].map((v) => v * scale - shift) as [
    number,
    number,
    number,
    number,
  ];
  const least = half ? 0 : 1;
  const sides = [
    Math.max(bottom - top, half ? -Infinity : least),
    Math.max(right - left, half ? -Infinity : least),
  ];
  const ratio = ctx.int('sampling_ratio', 0);
  const [rows = 1, columns = 1] = sides.map((side, i) =>
    ratio > 0 ? ratio : Math.ceil(side / (i === 0 ? h : w)),
  );
  const [binH, binW] = [(sides[0] ?? 0) / h, (sides[1] ?? 0) / w];
  const ys: number[] = [];
  const xs: number[] = [];
  for (const i of range(h))
    for (const j of range(w))
      for (const a of range(rows))
        for (const b of range(columns)) {
          ys.push(top + i * binH + ((a + 0.5) * binH) / rows);
          xs.push(left + j * binW + ((b + 0.5) * binW) / columns);
        }
  return { places: [ys, xs], samples: rows * columns };
}

export const deformableLowerings: readonly Lowering[] = [deformConv, roiAlign];
