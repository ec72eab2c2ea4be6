/** GridSample and AffineGrid: spatial transformers (arXiv 1506.02025) as the ONNX specification and onnxruntime compute them. */
import { float32Tensor } from '../../onnx/builder';
import type { Lowering } from '../lowering';
import { product } from '../lowering';
import type { Border, Sampled } from '../sample';
import { positionsOf, sampled } from '../sample';

/** Names of opset 16 and of opset 20. */
const MODES: Readonly<Record<string, Sampled['mode']>> = {
  bilinear: 'linear',
  linear: 'linear',
  nearest: 'nearest',
  bicubic: 'cubic',
  cubic: 'cubic',
};

/** -1 and 1 are the centers of the outermost pixels where they are aligned, else their outer edges. */
const gridSample: Lowering = {
  opType: 'GridSample',
  lower(ctx) {
    const { emit } = ctx;
    const [dims, grid] = [ctx.dims(0), ctx.dims(1)];
    const type = ctx.type(0);
    const given = ctx.string('mode', 'linear');
    const mode = MODES[given] ?? ctx.refuse(`its mode "${given}" is not known`);
    const border = ctx.string('padding_mode', 'zeros') as Border;
    const aligned = ctx.int('align_corners', 0) === 1;
    const space = dims.slice(2);
    const n = dims[0] ?? 1;
    const points = product(grid.slice(1, -1));
    const normal = positionsOf(emit, emit.reshape(ctx.input(1), [n, points, space.length]), [
      n,
      points,
      space.length,
    ]);
    const c = (value: number): string => emit.scalar(value, type);
    const positions = normal.map((at, axis) => {
      const size = space[axis] ?? 1;
      const shifted = emit.add(at, c(1));
      if (aligned) return emit.mul(shifted, c((size - 1) / 2));
      return emit.sub(emit.mul(shifted, c(size / 2)), c(0.5));
    });
    const y = sampled(emit, { image: ctx.input(0), dims, type, positions, points, mode, border, aligned });
    return [emit.reshape(y, [n, dims[1] ?? 1, ...grid.slice(1, -1)])];
  },
};

/** Each point (x, y, 1) or (x, y, z, 1) of the normalized image times theta. */
const affineGrid: Lowering = {
  opType: 'AffineGrid',
  lower(ctx) {
    const { emit } = ctx;
    const size = ctx.numbers(1) ?? ctx.refuse('its size is missing');
    const [n = 1, , ...space] = size;
    const aligned = ctx.int('align_corners', 0) === 1;
    const along = (i: number, count: number): number =>
      aligned ? (count === 1 ? -1 : (2 * i) / (count - 1) - 1) : (2 * i + 1) / count - 1;
    const points = product(space);
    const rows = Array.from({ length: points }, (_, flat) => {
      let rest = flat;
      const at = space.toReversed().map((count) => {
        const i = rest % count;
        rest = Math.floor(rest / count);
        return along(i, count);
      });
      return [...at, 1];
    }).flat();
    const base = emit.constant('constant/grid', float32Tensor([points, space.length + 1], rows));
    const type = ctx.type(0);
    const grid = emit.op('MatMul', [
      type === 'float32' ? base : emit.cast(base, type),
      emit.transpose(ctx.input(0), [0, 2, 1]),
    ]);
    return [emit.reshape(grid, [n, ...space, space.length])];
  },
};

export const samplingLowerings: readonly Lowering[] = [gridSample, affineGrid];
