/** Resize and its older name Upsample: output sizes from scales, or given as such. */
import { at, resolveAxis, show } from './axes';
import type { NodeView, ShapeRule } from './shape-rule';

/** Inputs: opset 10 (X, scales); since 11 (X, roi, scales, sizes), where an empty tensor counts as omitted. */
function resize(view: NodeView): readonly number[] {
  const { dims } = view.input(0);
  const [scalesAt, sizesAt] = view.opset >= 11 ? [2, 3] : [1, 3];
  const axes =
    view.ints('axes')?.map((axis) => resolveAxis(view, axis, dims.length)) ?? dims.map((_, axis) => axis);
  const scales = given(view, scalesAt);
  const sizes = given(view, sizesAt);
  const factors = scales ?? sizes ?? view.invalid('scales or sizes', 'neither');
  if (factors.length !== axes.length) view.invalid(`${axes.length} scales or sizes`, show(factors));
  const resized = [...dims];
  axes.forEach((axis, i) => {
    resized[axis] = scales ? scaled(at(dims, axis), at(scales, i)) : at(factors, i);
  });
  const policy = view.string('keep_aspect_ratio_policy', 'stretch');
  return sizes && policy !== 'stretch' ? keepAspect(view, policy, dims, axes, sizes) : resized;
}

function given(view: NodeView, index: number): readonly number[] | undefined {
  if (!view.has(index) || view.input(index).dims[0] === 0) return undefined;
  return view.numbers(index);
}

/**
 * floor(input * scale) in single precision. When cropping (tf_crop_and_resize), the specification multiplies by the
 * region's length as well; onnxruntime, which runs the graph, does not.
 */
const scaled = (dim: number, scale: number): number => Math.floor(Math.fround(dim * Math.fround(scale)));

/** One scale for all axes: the smallest (not_larger) or largest (not_smaller) of the wanted ones; half rounds up. */
function keepAspect(
  view: NodeView,
  policy: string,
  dims: readonly number[],
  axes: readonly number[],
  sizes: readonly number[],
): readonly number[] {
  const ratios = axes.map((axis, i) => at(sizes, i) / at(dims, axis));
  if (policy !== 'not_larger' && policy !== 'not_smaller') {
    view.invalid('keep_aspect_ratio_policy to be stretch, not_larger or not_smaller', `"${policy}"`);
  }
  const scale = policy === 'not_larger' ? Math.min(...ratios) : Math.max(...ratios);
  return dims.map((dim, axis) => (axes.includes(axis) ? Math.floor(scale * dim + 0.5) : dim));
}

/** Scales were an attribute in opset 7 and an input in opset 9. */
const upsample: ShapeRule = {
  opType: 'Upsample',
  infer: (view) => {
    const { type, dims } = view.input(0);
    const attribute = view.node.attributes.get('scales');
    const scales = attribute?.kind === 'floats' ? attribute.value : view.numbers(1);
    if (scales.length !== dims.length) view.invalid(`${dims.length} scales`, show(scales));
    return [{ type, dims: dims.map((dim, axis) => scaled(dim, at(scales, axis))) }];
  },
};

export const resizeRules: readonly ShapeRule[] = [
  { opType: 'Resize', infer: (view) => [{ type: view.input(0).type, dims: resize(view) }] },
  upsample,
];
