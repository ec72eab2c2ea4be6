/** Gradient of Resize: the operator is linear along each axis, y = M x, so dx = M^T dy. */
import { float32Tensor } from '../../onnx/builder';
import { interpolationMatrix } from '../interpolation';
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
      if (ctx.int('antialias', 0) === 1) return ctx.unsupported('it is antialiased');
      if (ctx.string('keep_aspect_ratio_policy', 'stretch') !== 'stretch')
        return ctx.unsupported('it keeps the aspect ratio');
      const [input, output] = [ctx.shapeOfInput(0), ctx.shapeOfOutput(0)];
      const scales = axisScales(ctx, input, output);
      let gradient = ctx.gradOfOutput(0);
      input.forEach((size, axis) => {
        if (size === at(output, axis) && at(scales, axis) === 1) return;
        gradient = alongAxis(ctx, gradient, axis, matrixOf(ctx, size, at(output, axis), at(scales, axis)));
      });
      return [gradient];
    },
  },
];

/** Scale of every axis: as given, or output/input where the node gives sizes. */
function axisScales(
  ctx: GradientContext,
  input: readonly number[],
  output: readonly number[],
): readonly number[] {
  const axes = ctx.ints('axes')?.map((axis) => (axis < 0 ? axis + input.length : axis));
  const given = ctx.constantNumbers(2);
  if (given === undefined || given.length === 0) return input.map((size, axis) => at(output, axis) / size);
  if (axes === undefined) return given;
  return input.map((_, axis) => (axes.includes(axis) ? at(given, axes.indexOf(axis)) : 1));
}

function matrixOf(ctx: GradientContext, input: number, output: number, scale: number): string {
  const how = {
    mode: ctx.string('mode', 'nearest'),
    coordinates: ctx.string('coordinate_transformation_mode', 'half_pixel'),
    nearest: ctx.string('nearest_mode', 'round_prefer_floor'),
    cubicCoefficient: ctx.float('cubic_coeff_a', -0.75),
    excludeOutside: ctx.int('exclude_outside', 0) === 1,
  };
  refuseTable(ctx, `its interpolation from ${input} to ${output}`, input * output);
  const values =
    interpolationMatrix(how, input, output, scale) ??
    ctx.unsupported(`mode "${how.mode}" with coordinates "${how.coordinates}" is not known`);
  const key = `constant/resize/${Object.values(how).join('/')}/${input}/${output}/${scale}`;
  const matrix = ctx.emit.shared(key, () => float32Tensor([output, input], values));
  const type = ctx.typeOfInput(0);
  return type === 'float32' ? matrix : ctx.emit.cast(matrix, type);
}

/** Contracts `axis` (output size) with the rows of the matrix, which leaves the input size there. */
function alongAxis(ctx: GradientContext, tensor: string, axis: number, matrix: string): string {
  const rank = ctx.shapeOfInput(0).length;
  if (axis === rank - 1) return ctx.emit.op('MatMul', [tensor, matrix]);
  const perm = Array.from({ length: rank }, (_, i) => i);
  [perm[axis], perm[rank - 1]] = [rank - 1, axis];
  const moved = ctx.emit.transpose(tensor, perm);
  return ctx.emit.transpose(ctx.emit.op('MatMul', [moved, matrix]), perm);
}
