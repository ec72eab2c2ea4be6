/** Kernels of the backward pass, brought into blocks by us, beside the runtime while it optimizes the rest. */
import { Kernels } from '../../imaging/kernels';
import { attribute } from '../../onnx/attributes';
import { indexGraph } from '../../onnx/graph-index';
import type { ConstantTensor, Model, Node, ValueInfo } from '../../onnx/model';
import { isExternal } from '../../onnx/model';
import { pruneTo } from '../../onnx/prune';
import { BLOCKED_DOMAIN, CHANNEL_ALIGNMENT } from '../../runtime/blocked-layout';
import type { LateConstant } from '../../runtime/late-constants';
import type { Shapes } from '../passes/editor';
import type { Axis, MovedElements } from './moved-elements';
import { movedElements } from './moved-elements';

export interface KernelsApart {
  /** The same model, in which these kernels are inputs. */
  readonly model: Model;
  readonly late: readonly LateConstant[];
}

/**
 * The gradient of a convolution is a convolution with the same weights, their channels exchanged and their taps reversed. The runtime computes
 * these weights when it loads the graph, then brings them into blocks, and writes them: half of what it does for a large network, in
 * one thread. Here such a convolution is written in blocks, between two changes of layout of which `keepBlocked` leaves none, and its
 * kernel is an input as far as the runtime is concerned, so that it has only the weights of the forward pass to deal with.
 * @param shapes of the tensors of `model`
 * @param block channels in a block, of `channelBlock`
 */
export function kernelsApart(model: Model, shapes: Shapes, block: number): KernelsApart {
  const { graph } = model;
  const index = indexGraph(graph);
  /** A constant operand behind it becomes part of the weights (`ConvMulFusion`), if the runtime has these. */
  const takesConstant = ({ outputs: [y = ''] }: Node): boolean => {
    const [reader, ...others] = index.consumersOf(y);
    const operand = reader?.inputs.some((name) => name !== y && graph.initializers.has(name)) ?? false;
    return operand && others.length === 0 && FOLDED.has(reader?.opType ?? '');
  };
  const kernels = new Map<string, LateConstant>();
  const mover = new Mover(block);
  const nodes = graph.nodes.flatMap((node): readonly Node[] => {
    const [x = '', weights = '', bias = ''] = node.inputs;
    if (!isPlainConvolution(node) || graph.initializers.has(weights) || takesConstant(node)) return [node];
    const moved = movedElements(graph, index, shapes, weights);
    if (moved === undefined || !fits(moved, block, bias !== '')) return [node];
    const kernel = kernels.get(weights) ?? blockedKernel(`${weights}/blocks`, moved, mover);
    kernels.set(weights, kernel);
    return inBlocks(node, x, kernel.name, bias, moved.axes[0]?.length ?? 0);
  });
  const inputs = [...kernels.values()].map(({ name, dims }): ValueInfo => ({ name, type: 'float32', dims }));
  const apart = { ...graph, nodes, inputs: [...graph.inputs, ...inputs] };
  const opsets = new Map([...model.opsets, [BLOCKED_DOMAIN, 1] as const]);
  return { model: { ...model, opsets, graph: pruneTo(apart) }, late: [...kernels.values()] };
}

const FOLDED: ReadonlySet<string> = new Set(['Mul', 'Add']);

const isPlainConvolution = (node: Node): boolean =>
  node.opType === 'Conv' &&
  node.domain === '' &&
  (attribute(node, 'group', 'int') ?? 1) === 1 &&
  (attribute(node, 'auto_pad', 'string') ?? 'NOTSET') === 'NOTSET';

/** What the runtime brings into blocks itself, and reads in blocks (`NchwcTransformerImpl::TransformConv`, onnxruntime 1.30). */
function fits({ source, axes }: MovedElements, block: number, biased: boolean): boolean {
  const [outputs = 0, inputs = 0] = axes.map(({ length }) => length);
  const inFours = outputs % CHANNEL_ALIGNMENT === 0 && inputs % CHANNEL_ALIGNMENT === 0;
  const inMemory = source.type === 'float32' && !isExternal(source.data);
  return inMemory && axes.length === 4 && inFours && inputs >= block && (!biased || outputs % block === 0);
}

function inBlocks(node: Node, x: string, kernel: string, bias: string, channels: number): readonly Node[] {
  const [y = ''] = node.outputs;
  const made = (
    opType: string,
    inputs: readonly string[],
    output: string,
    attributes: Node['attributes'],
  ): Node => ({
    ...{ opType, domain: BLOCKED_DOMAIN, name: `${output}/${opType}` },
    ...{ inputs, outputs: [output], attributes },
  });
  const [read, written] = [`${y}/read`, `${y}/written`];
  const inputs = [read, kernel, ...(bias === '' ? [] : [bias])];
  return [
    made('ReorderInput', [x], read, new Map()),
    made('Conv', inputs, written, node.attributes),
    made('ReorderOutput', [written], y, new Map([['channels', { kind: 'int', value: channels }]])),
  ];
}

/** (O / b, I / b, h, w, b of I, b of O), with zeros where channels fill no block (`MlasReorderFilterOIHWBiBo`). */
function blockedKernel(name: string, { source, axes }: MovedElements, mover: Mover): LateConstant {
  const { block } = mover;
  const [outputs = [], inputs = [], ...size] = axes;
  const taps = size.reduce((outer, inner) => outer.flatMap((a) => inner.map((b) => a + b)), [0]);
  const whole = (length: number): number => Math.ceil(length / block) * block;
  const dims = [whole(outputs.length), whole(inputs.length), ...size.map(({ length }) => length)];
  return { name, dims, fill: (into) => mover.move(source, { outputs, inputs, taps }, into) };
}

interface KernelAxes {
  readonly outputs: Axis;
  readonly inputs: Axis;
  readonly taps: Axis;
}

/** Moves the elements of one kernel after the other, in memory that is used for all of them. */
class Mover {
  private readonly kernels = new Kernels();
  private readonly source = this.kernels.room(0);
  private readonly axes = this.kernels.room(0);
  private readonly result = this.kernels.room(0);

  /** @param block channels in a block */
  constructor(readonly block: number) {}

  move({ data }: ConstantTensor, { outputs, inputs, taps }: KernelAxes, into: Float32Array): void {
    if (isExternal(data)) throw new Error('kernelsApart takes only weights in memory.');
    const source = this.source.fit(data.byteLength);
    const axes = this.axes.fit(INT32 * (outputs.length + inputs.length + taps.length));
    const result = this.result.fit(into.byteLength);
    this.source.bytes(data.byteLength).set(data);
    this.axes.int32(outputs.length + inputs.length + taps.length).set([...outputs, ...inputs, ...taps]);
    const moved = this.result.float32(into.length);
    if (outputs.length % this.block !== 0 || inputs.length % this.block !== 0) moved.fill(0);
    const [atInputs, atTaps] = [
      axes + INT32 * outputs.length,
      axes + INT32 * (outputs.length + inputs.length),
    ];
    this.kernels.run.blocks(
      ...([source, axes, outputs.length, atInputs, inputs.length, atTaps, taps.length] as const),
      ...([this.block, result] as const),
    );
    into.set(moved);
  }
}

const INT32 = Int32Array.BYTES_PER_ELEMENT;
