/**
 * What the axes of every tensor are, followed from the picture through the graph: channels first, channels last, or tokens that are the
 * patches of a grid. A grid is that of the convolution whose positions became tokens, never a square root of their number.
 */
import { attribute } from '../onnx/attributes';
import type { Node } from '../onnx/model';
import type { Axes, MapForm } from './form';
import { sameDims } from '../onnx/dims';

export interface Layout {
  readonly axes: Axes;
  readonly height: number;
  readonly width: number;
  /** Of tokens: those before and after the grid. */
  readonly before: number;
  readonly behind: number;
}

export interface LayoutFacts {
  readonly dimsOf: (tensor: string) => readonly number[] | undefined;
  /** Whether the tensor is the same for every picture. */
  readonly isConstant: (tensor: string) => boolean;
  /** The image, (1, C, H, W). */
  readonly picture: string;
}

/** @param nodes in topological order @returns by tensor; one whose axes are not known is absent */
export function layoutsOf(nodes: readonly Node[], facts: LayoutFacts): ReadonlyMap<string, Layout> {
  const known = new Map<string, Layout>();
  const picture = facts.dimsOf(facts.picture);
  if (picture?.length === 4) known.set(facts.picture, image(picture));
  for (const node of nodes) {
    for (const output of node.outputs) {
      const dims = facts.dimsOf(output);
      if (dims === undefined) continue;
      const layout = layoutAfter(node, dims, known, facts);
      if (layout !== null && fits(layout, dims)) known.set(output, layout);
    }
  }
  return known;
}

/** Operators that work on maps with channels first. */
const ON_MAPS: ReadonlySet<string> = new Set([
  ...['Conv', 'ConvTranspose', 'MaxPool', 'AveragePool', 'GlobalAveragePool', 'GlobalMaxPool', 'LRN'],
  ...[
    'BatchNormalization',
    'InstanceNormalization',
    'Resize',
    'Upsample',
    'DepthToSpace',
    'SpaceToDepth',
    'GroupNormalization',
  ],
]);

const image = (dims: readonly number[]): Layout => ({
  ...{ axes: 'NCHW', height: dims[2] ?? 1, width: dims[3] ?? 1, before: 0, behind: 0 },
});

function layoutAfter(
  node: Node,
  dims: readonly number[],
  known: ReadonlyMap<string, Layout>,
  facts: LayoutFacts,
): Layout | null {
  const { opType, inputs } = node;
  const [first = ''] = inputs;
  const layout = known.get(first);
  if (ON_MAPS.has(opType)) return dims.length === 4 ? image(dims) : null;
  switch (opType) {
    case 'Transpose':
      return layout === undefined ? null : transposed(layout, attribute(node, 'perm', 'ints') ?? []);
    case 'Reshape':
    case 'Flatten':
    case 'Squeeze':
    case 'Unsqueeze':
      return layout === undefined ? null : reshaped(layout, facts.dimsOf(first) ?? [], dims);
    case 'Concat':
      return concatenated(node, dims, known, facts);
    case 'Slice':
    case 'Gather':
    case 'Split':
      return layout === undefined ? null : cut(layout, facts.dimsOf(first) ?? [], dims);
    case 'MatMul':
    case 'Gemm':
      return multiplied(inputs, dims, known, facts);
    case 'LayerNormalization':
      return layout ?? (dims.length === 4 && lastAxisOnly(node, dims) ? channelsLast(dims) : null);
    default: {
      // Elementwise, with whatever is broadcast to it; anything else changes the shape, or mixes positions beyond recognition.
      const same = inputs.find((input) => known.has(input) && sameDims(facts.dimsOf(input), dims));
      return same === undefined ? null : (known.get(same) ?? null);
    }
  }
}

const channelsLast = (dims: readonly number[]): Layout => ({
  ...{ axes: 'NHWC', height: dims[1] ?? 1, width: dims[2] ?? 1, before: 0, behind: 0 },
});

const lastAxisOnly = (node: Node, dims: readonly number[]): boolean => {
  const axis = attribute(node, 'axis', 'int') ?? -1;
  return axis === -1 || axis === dims.length - 1;
};

/** By a constant matrix, which weighs channels along the last axis; products of two pictures' tensors are scores or sums over tokens. */
function multiplied(
  [a = '', b = '']: readonly string[],
  dims: readonly number[],
  known: ReadonlyMap<string, Layout>,
  { isConstant, dimsOf }: LayoutFacts,
): Layout | null {
  if (!isConstant(b)) return null;
  const layout = known.get(a);
  if (layout !== undefined) return layout.axes === 'NHWC' || layout.axes === 'NTC' ? layout : null;
  return dims.length === 4 && dims[0] === 1 && (dimsOf(b)?.length ?? 0) === 2 ? channelsLast(dims) : null;
}

function transposed(layout: Layout, perm: readonly number[]): Layout | null {
  const axes = perm.map((from) => layout.axes[from] ?? '?').join('');
  return axes === 'NCHW' || axes === 'NHWC' || axes === 'NTC' || axes === 'NCT' ? { ...layout, axes } : null;
}

/** H and W become T, or T becomes H and W, while the axes around them stay. */
function reshaped(layout: Layout, from: readonly number[], to: readonly number[]): Layout | null {
  if (sameDims(from, to)) return layout;
  const { axes, height, width, before, behind } = layout;
  const [n = 0, second = 0, third = 0, fourth = 0] = to;
  if (n !== from[0]) return null;
  const positions = height * width;
  if (to.length === 3) {
    if (axes === 'NCHW' && second === from[1] && third === positions) return { ...layout, axes: 'NCT' };
    if (axes === 'NHWC' && third === from[3] && second === positions) return { ...layout, axes: 'NTC' };
  }
  if (to.length === 4 && before + behind === 0) {
    if (axes === 'NCT' && second === from[1] && third === height && fourth === width)
      return { ...layout, axes: 'NCHW' };
    if (axes === 'NTC' && second === height && third === width && fourth === from[2])
      return { ...layout, axes: 'NHWC' };
  }
  return null;
}

/**
 * Along the tokens: those of the other parts come before or after the grid. Along the channels: the positions
 * stay.
 */
function concatenated(
  node: Node,
  dims: readonly number[],
  known: ReadonlyMap<string, Layout>,
  { dimsOf }: LayoutFacts,
): Layout | null {
  const at = node.inputs.findIndex((input) => known.has(input));
  const layout = known.get(node.inputs[at] ?? '');
  const axis = attribute(node, 'axis', 'int') ?? 0;
  const along = layout?.axes[axis < 0 ? axis + dims.length : axis];
  if (layout === undefined) return null;
  if (along === 'T') {
    if (node.inputs.some((input, i) => i !== at && known.has(input))) return null;
    const index = layout.axes.indexOf('T');
    const count = (parts: readonly string[]): number =>
      parts.reduce((sum, part) => sum + (dimsOf(part)?.[index] ?? NaN), 0);
    return {
      ...layout,
      before: layout.before + count(node.inputs.slice(0, at)),
      behind: layout.behind + count(node.inputs.slice(at + 1)),
    };
  }
  return along === 'C' ? layout : null;
}

/** Every other row and column, or the grid without the tokens around it. */
function cut(layout: Layout, from: readonly number[], to: readonly number[]): Layout | null {
  if (from.length !== to.length) return null;
  const { axes, height, width } = layout;
  const changed = from.flatMap((size, axis) => (size === to[axis] ? [] : [axes[axis] ?? '?'])).join('');
  if (changed === '' || changed === 'C') return layout;
  if (changed === 'T') {
    const left = to[axes.indexOf('T')] ?? 0;
    if (left === height * width) return { ...layout, before: 0, behind: 0 };
    return left === layout.before + height * width ? { ...layout, behind: 0 } : null;
  }
  if (/^[HW]+$/.test(changed))
    return { ...layout, height: to[axes.indexOf('H')] ?? 1, width: to[axes.indexOf('W')] ?? 1 };
  return null;
}

/** Whether a tensor of this shape can have these axes. */
function fits({ axes, height, width, before, behind }: Layout, dims: readonly number[]): boolean {
  if (axes.length !== dims.length) return false;
  const size = (axis: string): number | undefined => dims[axes.indexOf(axis)];
  return axes.includes('T')
    ? size('T') === before + height * width + behind
    : size('H') === height && size('W') === width;
}

/** How a layer of these axes is read. */
export const formOfLayout = ({ axes, height, width, before }: Layout, dims: readonly number[]): MapForm => ({
  ...{ kind: 'map', channels: dims[axes.indexOf('C')] ?? 0, height, width },
  ...(axes === 'NCHW' ? {} : { axes }),
  ...(before === 0 ? {} : { skipped: before }),
});
