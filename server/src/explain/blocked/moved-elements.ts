/** Constants that are computed from others by moving elements alone: where in the other one each element is. */
import { attribute } from '../../onnx/attributes';
import { sameDims } from '../../onnx/dims';
import type { GraphIndex } from '../../onnx/graph-index';
import type { ConstantTensor, Graph, Node } from '../../onnx/model';
import { numbersOf } from '../../onnx/typed-data';
import type { Shapes } from '../passes/editor';

/** Element [i, j, ..] is element axes[0][i] + axes[1][j] + .. of `source`. */
export interface MovedElements {
  readonly source: ConstantTensor;
  readonly axes: readonly Axis[];
}

/** What each position along one axis adds. */
export type Axis = readonly number[];

/** Undefined if `tensor` is not what Transpose, Slice and Reshape make of an initializer, or not along its axes. */
export function movedElements(
  graph: Graph,
  index: GraphIndex,
  shapes: Shapes,
  tensor: string,
): MovedElements | undefined {
  const source = graph.initializers.get(tensor);
  if (source !== undefined) return { source, axes: axesOf(source.dims) };
  const node = index.producerOf(tensor);
  const dims = shapes.get(tensor)?.dims;
  if (node === undefined || node.domain !== '' || dims === undefined) return undefined;
  const from = movedElements(graph, index, shapes, node.inputs[0] ?? '');
  if (from === undefined) return undefined;
  const axes = MOVES[node.opType]?.(from.axes, node, dims, graph);
  const fits =
    axes !== undefined &&
    sameDims(
      axes.map(({ length }) => length),
      dims,
    );
  return fits ? { source: from.source, axes } : undefined;
}

/** In C order the last axis moves by one element. */
function axesOf(dims: readonly number[]): readonly Axis[] {
  let stride = 1;
  return dims
    .map((_, i) => dims.length - 1 - i)
    .map((axis): Axis => {
      const size = dims[axis] ?? 1;
      const step = stride;
      stride *= size;
      return Array.from({ length: size }, (_, i) => i * step);
    })
    .reverse();
}

type Move = (
  axes: readonly Axis[],
  node: Node,
  dims: readonly number[],
  graph: Graph,
) => readonly Axis[] | undefined;

const MOVES: Readonly<Record<string, Move>> = {
  Transpose: (axes, node) =>
    (attribute(node, 'perm', 'ints') ?? axes.map((_, i) => axes.length - 1 - i)).map(
      (axis) => axes[axis] ?? [],
    ),
  Reshape: (axes, _node, dims) => reshaped(axes, dims),
  Slice: sliced,
};

/** Runs of axes that hold as many elements as runs of the new ones are joined, and cut again. */
function reshaped(axes: readonly Axis[], dims: readonly number[]): readonly Axis[] | undefined {
  const result: Axis[] = [];
  let next = 0;
  for (let axis = 0; axis < axes.length || next < dims.length;) {
    let joined = axes[axis++] ?? [0];
    const sizes = [dims[next++] ?? 1];
    for (let size = sizes[0] ?? 1; size !== joined.length;) {
      if (size > joined.length && axis < axes.length) joined = sums(joined, axes[axis++] ?? []);
      else if (size < joined.length && next < dims.length)
        size *= sizes[sizes.push(dims[next++] ?? 1) - 1] ?? 1;
      else return undefined;
    }
    const parts = cut(joined, sizes);
    if (parts === undefined) return undefined;
    result.push(...parts);
  }
  return result;
}

const sums = (outer: Axis, inner: Axis): Axis => outer.flatMap((a) => inner.map((b) => a + b));

/** Undefined if what a position adds along one of the new axes depends on the others. */
function cut(joined: Axis, sizes: readonly number[]): readonly Axis[] | undefined {
  const [size = 1, ...rest] = sizes;
  if (rest.length === 0) return [joined];
  const run = joined.length / size;
  const first = joined[0] ?? 0;
  const outer = Array.from({ length: size }, (_, i) => joined[i * run] ?? 0);
  const inner = joined.slice(0, run).map((offset) => offset - first);
  if (!joined.every((offset, i) => offset === (outer[Math.floor(i / run)] ?? 0) + (inner[i % run] ?? 0)))
    return undefined;
  const parts = cut(inner, rest);
  return parts && [outer, ...parts];
}

/** Counts come from the shape of the result, so that only where it starts is left to read. */
function sliced(
  axes: readonly Axis[],
  { inputs }: Node,
  dims: readonly number[],
  { initializers }: Graph,
): readonly Axis[] | undefined {
  const read = (input: number): readonly number[] | null => {
    const tensor = initializers.get(inputs[input] ?? '');
    return tensor === undefined ? null : numbersOf(tensor);
  };
  const starts = read(1);
  const along = inputs[3] ? read(3) : starts?.map((_, i) => i);
  const steps = inputs[4] ? read(4) : starts?.map(() => 1);
  if (starts === null || !along || !steps) return undefined;
  const result = [...axes];
  starts.forEach((given, i) => {
    const axis = ((along[i] ?? 0) + axes.length) % axes.length;
    const from = axes[axis] ?? [];
    const step = steps[i] ?? 1;
    const last = step > 0 ? from.length : from.length - 1;
    const start = Math.min(Math.max(given < 0 ? given + from.length : given, 0), last);
    result[axis] = Array.from({ length: dims[axis] ?? 0 }, (_, k) => from[start + k * step] ?? 0);
  });
  return result;
}
