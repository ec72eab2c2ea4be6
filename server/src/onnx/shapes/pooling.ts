/** Pooling over windows and over whole feature maps; data (N, C, spatial...). */
import { at, show } from './axes';
import type { NodeView, ShapeRule, TensorInfo } from './shape-rule';
import { rulesFor } from './shape-rule';
import { poolingCount, windowAxes } from './windows';

function pooled(view: NodeView): TensorInfo {
  const { type, dims } = view.input(0);
  if (dims.length < 3) view.invalid('data (N, C, spatial...)', show(dims));
  const kernel = view.ints('kernel_shape');
  if (kernel === undefined) return view.invalid('an attribute "kernel_shape"', 'none');
  const ceil = view.int('ceil_mode', 0) !== 0;
  const axes = windowAxes(view, dims.slice(2), kernel);
  // A window entirely within the padding has no maximum and no mean; onnxruntime refuses such pads too.
  for (const { before, after, kernel: size, dilation } of axes) {
    const most = Math.max(before, after);
    if (most >= size * dilation) view.invalid(`pads below its kernel of ${size}`, `${most}`);
  }
  const spatial = axes.map((axis) => poolingCount(view, axis, ceil));
  return { type, dims: [at(dims, 0), at(dims, 1), ...spatial] };
}

export const poolingRules: readonly ShapeRule[] = [
  ...rulesFor(['AveragePool', 'LpPool'], (view) => [pooled(view)]),
  // The second output of MaxPool holds positions.
  ...rulesFor(['MaxPool'], (view) => [pooled(view), { type: 'int64', dims: pooled(view).dims }]),
  ...rulesFor(['GlobalAveragePool', 'GlobalMaxPool', 'GlobalLpPool'], (view) => {
    const { type, dims } = view.input(0);
    return [{ type, dims: dims.map((dim, axis) => (axis < 2 ? dim : 1)) }];
  }),
];
