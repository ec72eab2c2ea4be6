/** Gradient of Resize: the operator is linear along each axis, y = M x, so dx = M^T dy. */
import { float32Tensor } from '../../onnx/builder';
import { sameDims } from '../../onnx/dims';
import { interpolationMatrix, type ResizedAxis } from '../interpolation';
import { refuseTable } from '../limits';
import { discrete, gradient, refused } from '../ports';
import type { DifferentiableRule, GradientContext } from '../rule';
import { at } from '../window';

export const resizeRules: readonly DifferentiableRule[] = [
  {
    opType: 'Resize',
    since: 11,
    inputs: [
      gradient('X'),
      refused('roi', 'and only the gradient of the resized tensor is known'),
      refused('scales', 'and only the gradient of the resized tensor is known'),
      discrete('sizes'),
    ],
    build(ctx) {
      const input = ctx.shapeOfInput(0);
      // Where no size changes, onnxruntime copies, whatever the scales and the region are.
      if (sameDims(input, ctx.shapeOfOutput(0))) return [ctx.gradOfOutput(0)];
      const dx = resizedAxes(ctx).reduce((tensor, along, axis) => {
        const unchanged = along.input === along.output && along.scale === 1;
        return unchanged ? tensor : contractAxis(ctx, tensor, axis, matrixOf(ctx, along));
      }, ctx.gradOfOutput(0));
      return [dx];
    },
  },
];

/** Scale and region of every axis: as given for all or some axes, output / input where the node gives sizes. */
function resizedAxes(ctx: GradientContext): readonly ResizedAxis[] {
  const [input, output] = [ctx.shapeOfInput(0), ctx.shapeOfOutput(0)];
  const axes = ctx.ints('axes')?.map((axis) => (axis < 0 ? axis + input.length : axis)) ?? [...input.keys()];
  const scales = ctx.constantNumbers(2) ?? [];
  const crops = ctx.string('coordinate_transformation_mode', 'half_pixel') === 'tf_crop_and_resize';
  const regions = crops ? (ctx.constantNumbers(1) ?? ctx.unsupported('its roi is missing')) : [];
  const common = commonScale(ctx, axes);
  return input.map((size, axis) => {
    const i = axes.indexOf(axis);
    const sized = common ?? Math.fround(at(output, axis) / size);
    const scale = i < 0 ? 1 : scales.length > 0 ? at(scales, i) : sized;
    const region =
      crops && i >= 0 ? ([at(regions, i), at(regions, axes.length + i)] as const) : ([0, 1] as const);
    return { input: size, output: at(output, axis), scale, region };
  });
}

/** One scale for all axes, where sizes are bounds and the aspect ratio stays. */
function commonScale(ctx: GradientContext, axes: readonly number[]): number | null {
  const policy = ctx.string('keep_aspect_ratio_policy', 'stretch');
  const sizes = policy === 'stretch' ? undefined : ctx.constantNumbers(3);
  if (sizes === undefined) return null;
  const ratios = axes.map((axis, i) => Math.fround(at(sizes, i) / at(ctx.shapeOfInput(0), axis)));
  return policy === 'not_larger' ? Math.min(...ratios) : Math.max(...ratios);
}

function matrixOf(ctx: GradientContext, axis: ResizedAxis): string {
  const how = {
    mode: ctx.string('mode', 'nearest'),
    coordinates: ctx.string('coordinate_transformation_mode', 'half_pixel'),
    nearest: ctx.string('nearest_mode', 'round_prefer_floor'),
    cubicCoefficient: ctx.float('cubic_coeff_a', -0.75),
    excludeOutside: ctx.int('exclude_outside', 0) === 1,
    antialias: ctx.int('antialias', 0) === 1,
  };
  const { input, output, scale, region } = axis;
  refuseTable(ctx, `its interpolation from ${input} to ${output}`, input * output);
  const values =
    interpolationMatrix(how, axis) ??
    ctx.unsupported(`mode "${how.mode}" with coordinates "${how.coordinates}" is not known`);
  const key = ['constant/resize', ...Object.values(how), input, output, scale, ...region].join('/');
  const matrix = ctx.emit.shared(key, () => float32Tensor([output, input], values));
  const type = ctx.typeOfInput(0);
  return type === 'float32' ? matrix : ctx.emit.cast(matrix, type);
}

/** Contracts `axis` (output size) with the rows of the matrix, which leaves the input size there. */
export function contractAxis(ctx: GradientContext, tensor: string, axis: number, matrix: string): string {
  const rank = ctx.shapeOfInput(0).length;
  if (axis === rank - 1) return ctx.emit.op('MatMul', [tensor, matrix]);
  const perm = Array.from({ length: rank }, (_, i) => i);
  [perm[axis], perm[rank - 1]] = [rank - 1, axis];
  const moved = ctx.emit.transpose(tensor, perm);
  return ctx.emit.transpose(ctx.emit.op('MatMul', [moved, matrix]), perm);
}
