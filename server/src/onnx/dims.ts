/** Shapes compared axis by axis. */

type Dims = readonly unknown[] | null | undefined;

/** Whether both are known and equal; an axis without a size is named, and equals one of that name. */
export const sameDims = (a: Dims, b: Dims): boolean =>
  a != null && b != null && a.length === b.length && a.every((size, axis) => size === b[axis]);
