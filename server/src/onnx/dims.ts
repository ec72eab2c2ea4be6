/** Shapes compared axis by axis. */

type Dims = readonly unknown[] | null | undefined;

/** Whether both are known and equal; symbolic axes are equal if their names are. */
export const sameDims = (a: Dims, b: Dims): boolean =>
  a != null && b != null && a.length === b.length && a.every((size, axis) => size === b[axis]);
