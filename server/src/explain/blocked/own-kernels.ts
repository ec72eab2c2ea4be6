/** Kernels of the backward pass, brought into blocks by us, beside the runtime while it optimizes the rest. */
import { attribute } from '../../onnx/attributes';
import { indexGraph } from '../../onnx/graph-index';
import type { ConstantTensor, Model, Node, ValueInfo } from '../../onnx/model';
import { isExternal } from '../../onnx/model';
import { pruneTo } from '../../onnx/prune';
import { BLOCKED_DOMAIN, CHANNEL_ALIGNMENT } from '../../runtime/blocked-layout';
import type { LateConstant } from '../../runtime/late-constants';
import type { Shapes } from '../passes/editor';
import type { MovedElements } from './moved-elements';
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
  const scratch = new Scratch();
  const nodes = graph.nodes.flatMap((node): readonly Node[] => {
    const [x = '', weights = '', bias = ''] = node.inputs;
    if (!isPlainConvolution(node) || graph.initializers.has(weights) || takesConstant(node)) return [node];
    const moved = movedElements(graph, index, shapes, weights);
    if (moved === undefined || !fits(moved, block, bias !== '')) return [node];
    const kernel = kernels.get(weights) ?? blockedKernel(`${weights}/blocks`, moved, block, scratch);
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
function blockedKernel(
  name: string,
  { source, axes }: MovedElements,
  block: number,
  scratch: Scratch,
): LateConstant {
  const [outputs = [], inputs = [], ...size] = axes;
  const taps = size.reduce((outer, inner) => outer.flatMap((a) => inner.map((b) => a + b)), [0]);
  const whole = (length: number): number => Math.ceil(length / block) * block;
  const dims = [whole(outputs.length), whole(inputs.length), ...size.map(({ length }) => length)];
  const fill = (into: Float32Array): void => {
    const kernel = [outputs, inputs, taps].map((axis) => Int32Array.from(axis));
    if (outputs.length % block !== 0 || inputs.length % block !== 0) into.fill(0);
    fillBlocks(into, scratch.floatsOf(source), kernel as [Int32Array, Int32Array, Int32Array], block);
  };
  return { name, dims, fill };
}

/**
 * Input by input, since these are the rows of the source: each is then read from its beginning to its end, and what is written
 * is one block after the other.
 */
function fillBlocks(
  into: Float32Array,
  from: Float32Array,
  [outputs, inputs, taps]: readonly [Int32Array, Int32Array, Int32Array],
  block: number,
): void {
  const size = taps.length * block * block;
  const inputBlocks = Math.ceil(inputs.length / block);
  for (let input = 0; input < inputs.length; input += block) {
    const inputEnd = Math.min(input + block, inputs.length);
    for (let output = 0; output < outputs.length; output += block) {
      const outputEnd = Math.min(output + block, outputs.length);
      const start = ((output / block) * inputBlocks + input / block) * size;
      for (let tap = 0; tap < taps.length; tap++)
        for (let i = input; i < inputEnd; i++) {
          let at = start + (tap * block + i - input) * block;
          const row = (inputs[i] as number) + (taps[tap] as number);
          for (let o = output; o < outputEnd; o++) into[at++] = from[row + (outputs[o] as number)] as number;
        }
    }
  }
}

/** Weights lie anywhere in a file, numbers only at multiples of their size: those that do not are copied to memory that is used for all of them. */
class Scratch {
  private copied = new Float32Array(0);

  floatsOf({ data }: ConstantTensor): Float32Array {
    if (isExternal(data)) throw new Error('kernelsApart takes only weights in memory.');
    const count = data.byteLength / Float32Array.BYTES_PER_ELEMENT;
    if (data.byteOffset % Float32Array.BYTES_PER_ELEMENT === 0)
      return new Float32Array(data.buffer as ArrayBuffer, data.byteOffset, count);
    if (this.copied.length < count) this.copied = new Float32Array(count);
    new Uint8Array(this.copied.buffer).set(data);
    return this.copied;
  }
}
