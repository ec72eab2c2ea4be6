/** Axes and dimensions: negative axes, lists of them, and broadcasting. */
import type { NodeView } from './shape-rule';

/** An axis counted from the front. */
export function resolveAxis(view: NodeView, axis: number, rank: number): number {
  const resolved = axis < 0 ? axis + rank : axis;
  if (!(Number.isInteger(resolved) && resolved >= 0 && resolved < rank))
    view.invalid(`an axis of a tensor with ${rank} dimensions`, String(axis));
  return resolved;
}

/** Distinct axes counted from the front, ascending. */
export function resolveAxes(view: NodeView, axes: readonly number[], rank: number): number[] {
  const resolved = axes.map((axis) => resolveAxis(view, axis, rank));
  if (new Set(resolved).size !== resolved.length) view.invalid('distinct axes', `[${axes.join(', ')}]`);
  return resolved.sort((a, b) => a - b);
}

/** The dimension at an axis that has been resolved. */
export function at(list: readonly number[], index: number): number {
  const value = list[index];
  if (value === undefined) throw new RangeError(`There is no entry ${index} in a list of ${list.length}.`);
  return value;
}

/** `dims` with one entry replaced. */
export function withDim(dims: readonly number[], axis: number, dim: number): number[] {
  return dims.map((old, i) => (i === axis ? dim : old));
}

/** The shape that all of `shapes` broadcast to (numpy's rules, ONNX "Multidirectional Broadcasting"). */
export function broadcast(view: NodeView, shapes: readonly (readonly number[])[]): number[] {
  const rank = shapes.reduce((most, dims) => Math.max(most, dims.length), 0);
  return Array.from({ length: rank }, (_, axis) => {
    const sizes = shapes.map((dims) => dims[axis - rank + dims.length] ?? 1).filter((dim) => dim !== 1);
    const size = sizes[0] ?? 1;
    if (sizes.some((other) => other !== size)) {
      view.invalid('shapes that broadcast', shapes.map((dims) => `[${dims.join(', ')}]`).join(' and '));
    }
    return size;
  });
}

export const product = (list: readonly number[]): number => list.reduce((all, n) => all * n, 1);

/** Most entries of a list in a message: a hostile attribute may have a hundred thousand. */
const MOST_SHOWN = 16;

export const show = (dims: readonly number[]): string =>
  `[${dims.slice(0, MOST_SHOWN).join(', ')}${dims.length > MOST_SHOWN ? `, and ${dims.length - MOST_SHOWN} more` : ''}]`;
