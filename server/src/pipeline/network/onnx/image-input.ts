/** Finds the image among a model's inputs, and how its axes are laid out. */
import type { GraphIndex } from '../../../onnx/graph-index';
import { indexGraph } from '../../../onnx/graph-index';
import type { Graph, Node, ValueInfo } from '../../../onnx/model';
import { attribute } from '../../../onnx/attributes';
import type { Layout, ProvedInput } from './proved';
import { noImage, otherChannels } from './refusals';
import { sameDims } from '../../../onnx/dims';

/** Element types that a picture can be converted to. */
const TYPES: ReadonlySet<ValueInfo['type']> = new Set([
  ...(['float32', 'float16', 'bfloat16', 'float64', 'uint8', 'int32', 'int64'] as const),
]);

const IMAGE_NAME = /image|img|pixel|picture|photo|frame/i;

/** The input and the others. @throws LensError of kind `model` where none can be an image, which says what the model is instead */
export function findImage(graph: Graph): {
  readonly image: ProvedInput;
  readonly info: ValueInfo;
  readonly others: readonly ValueInfo[];
} {
  const index = indexGraph(graph);
  const read = graph.inputs.filter(({ name }) => index.consumersOf(name).length > 0);
  const candidates = read.flatMap((info) => {
    const layout = layoutOf(info, graph, index);
    return layout === null ? [] : [{ info, layout, score: scoreOf(info, graph, index) }];
  });
  const [best] = candidates.toSorted((a, b) => b.score - a.score);
  if (best === undefined) throw noImage(graph.inputs);
  const { info, layout } = best;
  const channels = channelsOf(info, layout, graph, index);
  if (channels !== 1 && channels !== 3) throw otherChannels(info, channels);
  const at = (axis: string): number | null => sizeAt(info, layout, axis);
  const batch = at('N');
  return {
    image: {
      ...{ name: info.name, layout, type: info.type, channels },
      ...{ height: at('H'), width: at('W') },
      batch: batch !== null && batch > 1 ? batch : null,
    },
    info,
    others: read.filter((other) => other !== info),
  };
}

/** The fixed size of an axis; null where it is open, or the layout has no such axis. */
function sizeAt({ dims }: ValueInfo, layout: Layout, axis: string): number | null {
  const dim = dims?.[layout.indexOf(axis)];
  return layout.includes(axis) && typeof dim === 'number' && dim > 0 ? dim : null;
}

/** Null where the input can be no image. */
function layoutOf(info: ValueInfo, graph: Graph, index: GraphIndex): Layout | null {
  const { dims, type, name } = info;
  if (!TYPES.has(type)) return null;
  const behind = readBehind(name, index);
  const convolved = behind.some(({ node, before }) => before === 0 && isConvolution(node));
  if (dims === null) return convolved ? 'NCHW' : null;
  if (dims.length === 4) return convolved ? 'NCHW' : ofFour(dims, behind);
  if (dims.length === 3) return ofThree(dims);
  return dims.length === 2 &&
    dims.every((dim) => typeof dim !== 'number' || dim >= LEAST_SIDE) &&
    !isWide(type)
    ? 'HW'
    : null;
}

/** Two axes are a gray picture only if both are at least this long. */
const LEAST_SIDE = 16;

/** Integers of 32 and 64 bits with two axes are tokens. */
const isWide = (type: ValueInfo['type']): boolean => type === 'int32' || type === 'int64';

type Dims = NonNullable<ValueInfo['dims']>;

const isChannels = (dim: Dims[number] | undefined): boolean => dim === 1 || dim === 3;

function ofFour(dims: Dims, behind: readonly Read[]): Layout | null {
  const [, second, , last] = dims;
  const toFirst = behind.some(({ node }) => sameDims(permutation(node), [0, 3, 1, 2]));
  if (toFirst && !isChannels(second)) return 'NHWC';
  if (isChannels(second) && (!isChannels(last) || second === 3)) return 'NCHW';
  if (isChannels(last)) return 'NHWC';
  if (typeof second !== 'number') return typeof last === 'number' ? 'NHWC' : 'NCHW';
  return typeof last === 'number' && last < second ? 'NHWC' : 'NCHW';
}

function ofThree(dims: Dims): Layout | null {
  const [first, , last] = dims;
  if (first === 3) return 'CHW';
  if (last === 3 || last === 1) return 'HWC';
  if (first === 1) return 'CHW';
  return typeof first === 'number' && first > 4 ? null : 'NHW';
}

/** As the file says, else as the first convolution does; 3 where neither does. */
function channelsOf(info: ValueInfo, layout: Layout, graph: Graph, index: GraphIndex): number {
  if (!layout.includes('C')) return 1;
  const fixed = sizeAt(info, layout, 'C');
  if (fixed !== null) return fixed;
  for (const { node } of readBehind(info.name, index)) {
    const weight = graph.initializers.get(node.inputs[1] ?? '')?.dims[1];
    if (isConvolution(node) && weight !== undefined) return weight * (attribute(node, 'group', 'int') ?? 1);
  }
  return 3;
}

const isConvolution = ({ opType }: Node): boolean => opType === 'Conv';
const permutation = (node: Node): readonly number[] | undefined =>
  node.opType === 'Transpose' ? attribute(node, 'perm', 'ints') : undefined;

/** A node that reads the picture, and how many changes of shape or layout come before it. */
interface Read {
  readonly node: Node;
  readonly before: number;
}

/** Nodes through which a picture stays the same picture. */
const SHAPING: ReadonlySet<string> = new Set(['Transpose', 'Reshape', 'Unsqueeze', 'Squeeze']);
const ARITHMETIC: ReadonlySet<string> = new Set([
  ...['Cast', 'Add', 'Sub', 'Mul', 'Div', 'BatchNormalization', 'Identity', 'Pad', 'Clip', 'Resize'],
]);

/** Most nodes that are examined: preprocessing inside a graph is short. */
const MOST_READ = 32;

/** The nodes behind a tensor that see it only through arithmetic and changes of layout. */
function readBehind(tensor: string, index: GraphIndex): readonly Read[] {
  const found: Read[] = [];
  const open = [{ tensor, before: 0 }];
  for (let next = open.shift(); next !== undefined && found.length < MOST_READ; next = open.shift()) {
    for (const node of index.consumersOf(next.tensor)) {
      found.push({ node, before: next.before });
      const shapes = SHAPING.has(node.opType);
      const [output = ''] = node.outputs;
      if (shapes || ARITHMETIC.has(node.opType))
        open.push({ tensor: output, before: next.before + (shapes ? 1 : 0) });
    }
  }
  return found;
}

/** Ranks several inputs that may be images: named like one, read by a convolution, largest, first. */
function scoreOf({ name, dims }: ValueInfo, graph: Graph, index: GraphIndex): number {
  const convolved = readBehind(name, index).some(({ node }) => isConvolution(node));
  const first = graph.inputs[0]?.name === name;
  const four = dims?.length === 4;
  return (IMAGE_NAME.test(name) ? 8 : 0) + (convolved ? 4 : 0) + (four ? 2 : 0) + (first ? 1 : 0);
}
