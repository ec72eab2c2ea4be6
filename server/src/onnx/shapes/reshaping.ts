/** The same elements in another shape: Reshape, Flatten, Squeeze, Unsqueeze. */
import { at, product, resolveAxes, show } from './axes';
import type { NodeView, ShapeRule, TensorInfo } from './shape-rule';
import { rulesFor } from './shape-rule';

/** C order does not change, so a known value is kept. */
const reshaped = (view: NodeView, dims: readonly number[]): TensorInfo => ({ ...view.input(0), dims });

/** A target of 0 copies the input's dimension (unless `allowzero`), one -1 takes what is left. */
function reshape(view: NodeView): TensorInfo {
  const { dims } = view.input(0);
  const target = view.ints('shape') ?? view.integers(1);
  const zeroCopies = view.int('allowzero', 0) === 0;
  const copied = target.map((dim, axis) => {
    if (dim !== 0 || !zeroCopies) return dim;
    return (
      dims[axis] ??
      view.invalid('a dimension to copy for each 0 of the target shape', `${show(dims)} to ${show(target)}`)
    );
  });
  const free = copied.indexOf(-1);
  const known = product(copied.filter((dim) => dim !== -1));
  const count = product(dims);
  const result = free === -1 ? copied : copied.with(free, known === 0 ? 0 : count / known);
  const fits = result.every((dim) => Number.isInteger(dim) && dim >= 0) && product(result) === count;
  if (!fits) view.invalid(`a shape with the ${count} elements of ${show(dims)}`, show(target));
  return reshaped(view, result);
}

function flatten(view: NodeView): TensorInfo {
  const { dims } = view.input(0);
  const axis = view.int('axis', 1);
  const split = axis < 0 ? axis + dims.length : axis;
  if (split < 0 || split > dims.length) view.invalid(`an axis of ${show(dims)}`, String(axis));
  return reshaped(view, [product(dims.slice(0, split)), product(dims.slice(split))]);
}

/** Axes became an input in opset 13. */
function squeeze(view: NodeView): TensorInfo {
  const { dims } = view.input(0);
  const given = view.ints('axes') ?? view.optionalIntegers(1);
  const axes = given && resolveAxes(view, given, dims.length);
  for (const axis of axes ?? []) {
    if (at(dims, axis) !== 1) view.invalid(`size 1 along axis ${axis}`, show(dims));
  }
  return reshaped(
    view,
    dims.filter((dim, axis) => (axes ? !axes.includes(axis) : dim !== 1)),
  );
}

function unsqueeze(view: NodeView): TensorInfo {
  const { dims } = view.input(0);
  const given = view.ints('axes') ?? view.integers(1);
  const axes = resolveAxes(view, given, dims.length + given.length);
  // Ascending order makes each axis a position in the final shape.
  return reshaped(
    view,
    axes.reduce((grown: readonly number[], axis) => grown.toSpliced(axis, 0, 1), dims),
  );
}

export const reshapingRules: readonly ShapeRule[] = [
  ...rulesFor(['Reshape'], (view) => [reshape(view)]),
  ...rulesFor(['Flatten'], (view) => [flatten(view)]),
  ...rulesFor(['Squeeze'], (view) => [squeeze(view)]),
  ...rulesFor(['Unsqueeze'], (view) => [unsqueeze(view)]),
];
