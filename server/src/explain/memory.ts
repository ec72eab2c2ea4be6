/**
 * The memory that a graph needs to run, from only its shapes: weights, and the tensors that live at the same
 * time.
 */
import type { Graph, Node } from '../onnx/model';
import { bytesOf, elementCount, isExternal } from '../onnx/model';
import type { TensorInfo } from '../onnx/shapes';
import { readsOf } from '../onnx/graph-index';

export interface MemoryEstimate {
  /** Weights and the most that lives beside them, in bytes. */
  readonly bytes: number;
  /** The largest tensor that a node computes; null for a graph without nodes. */
  readonly largest: LargestTensor | null;
}

export interface LargestTensor {
  readonly name: string;
  readonly dims: readonly number[];
  readonly bytes: number;
}

/** These reuse their input's memory under another shape. */
const SAME_MEMORY: ReadonlySet<string> = new Set(['Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'Identity']);

/** The runtime writes their result over an input that nothing else reads (`MayInplace` of its kernels, onnxruntime 1.30). */
const IN_PLACE: ReadonlySet<string> = new Set([
  ...[
    'Add',
    'Sub',
    'Mul',
    'Div',
    'Sum',
    'Relu',
    'Sigmoid',
    'Tanh',
    'HardSigmoid',
    'LeakyRelu',
    'Elu',
    'Selu',
  ],
  ...[
    'Clip',
    'Exp',
    'Log',
    'Sqrt',
    'Neg',
    'Abs',
    'Reciprocal',
    'Erf',
    'Softplus',
    'Softsign',
    'Floor',
    'Ceil',
  ],
]);

/**
 * Runs the graph on only sizes, in the runtime's order: depth first from nodes that nothing reads, the last
 * such node first (`runtime/run-order.ts`). A tensor lives from the node that makes it to the last that reads
 * it; what depends only on weights is computed when the graph is loaded, and stays. Unknown sizes are taken
 * to be those of the node's largest input.
 * @param shapes of the graph's tensors, as far as they are known
 */
export function estimateMemory(graph: Graph, shapes: ReadonlyMap<string, TensorInfo>): MemoryEstimate {
  const run = new Run(graph, shapes);
  for (const node of runOrder(graph)) run.execute(node);
  return { bytes: run.peak, largest: run.largest };
}

/** A piece of memory; several tensors may be views of it. */
interface Block {
  readonly bytes: number;
  readonly constant: boolean;
  /** Remaining reads of all tensors in it; graph outputs are read at the end. */
  readers: number;
}

class Run {
  peak = 0;
  largest: LargestTensor | null = null;
  private live = 0;
  private readonly blocks = new Map<string, Block>();
  private readonly reads = new Map<string, number>();
  private readonly keptConstants = new Set<Block>();

  constructor(
    graph: Graph,
    private readonly shapes: ReadonlyMap<string, TensorInfo>,
  ) {
    for (const node of graph.nodes) for (const name of readsOf(node)) this.count(name);
    for (const { name } of graph.outputs) this.count(name);
    for (const [name, { data }] of graph.initializers) {
      const bytes = isExternal(data) ? data.length : data.byteLength;
      this.allocate(name, bytes, true, Infinity);
    }
    for (const { name } of graph.inputs) this.allocate(name, this.bytesOf(name) ?? 0, false);
  }

  execute(node: Node): void {
    const inputs = [...readsOf(node)].flatMap((name) => this.blocks.get(name) ?? []);
    const constant = node.opType !== 'Shape' && inputs.every((block) => block.constant);
    const [first] = node.inputs.map((name) => this.blocks.get(name));
    const largestInput = inputs.reduce((most, { bytes }) => Math.max(most, bytes), 0);
    const workspace = this.workspaceOf(node);
    this.live += workspace;
    for (const output of node.outputs) {
      if (output === '') continue;
      const known = this.bytesOf(output);
      const bytes = known ?? largestInput;
      this.note(output, bytes);
      const reused = SAME_MEMORY.has(node.opType)
        ? first
        : IN_PLACE.has(node.opType)
          ? inputs.find((block) => block.readers === 1 && block.bytes === bytes && !block.constant)
          : undefined;
      if (reused === undefined || reused.constant !== constant) this.allocate(output, bytes, constant);
      else {
        reused.readers += this.reads.get(output) ?? 0;
        this.blocks.set(output, reused);
      }
    }
    this.peak = Math.max(this.peak, this.live);
    this.live -= workspace;
    for (const block of new Set(inputs)) {
      // What is computed from weights is held like a weight if a run reads it.
      if (block.constant && !constant) this.keptConstants.add(block);
    }
    for (const name of readsOf(node)) this.read(name);
  }

  private count(name: string): void {
    this.reads.set(name, (this.reads.get(name) ?? 0) + 1);
  }

  private allocate(
    name: string,
    bytes: number,
    constant: boolean,
    readers = this.reads.get(name) ?? 0,
  ): void {
    this.live += bytes;
    this.peak = Math.max(this.peak, this.live);
    this.blocks.set(name, { bytes, constant, readers });
    if (readers === 0) this.live -= bytes;
  }

  private read(name: string): void {
    const block = this.blocks.get(name);
    if (block === undefined) return;
    block.readers -= 1;
    if (block.readers === 0 && !this.keptConstants.has(block)) this.live -= block.bytes;
  }

  private bytesOf(name: string): number | undefined {
    const info = this.shapes.get(name);
    return info === undefined ? undefined : bytesOfInfo(info);
  }

  private note(name: string, bytes: number): void {
    if (bytes <= (this.largest?.bytes ?? 0)) return;
    this.largest = { name, dims: this.shapes.get(name)?.dims ?? [], bytes };
  }

  /** ConvTranspose writes a column matrix of one group, of kernel x output channels by positions of its input. */
  private workspaceOf({ opType, inputs }: Node): number {
    if (opType !== 'ConvTranspose') return 0;
    const [x, w] = inputs.map((name) => this.shapes.get(name)?.dims);
    if (x === undefined || w === undefined) return 0;
    return 4 * elementCount(w.slice(1)) * elementCount(x.slice(2));
  }
}

const bytesOfInfo = ({ type, dims }: TensorInfo): number =>
  type === 'string' ? 0 : bytesOf(type, elementCount(dims));

/** Depth first from the nodes that no other node reads, the last of the graph first. */
function runOrder({ nodes }: Graph): readonly Node[] {
  const producers = new Map<string, Node>();
  const read = new Set<string>();
  for (const node of nodes) {
    for (const output of node.outputs) producers.set(output, node);
    for (const name of readsOf(node)) read.add(name);
  }
  const order: Node[] = [];
  const seen = new Set<Node>();
  for (const leaf of nodes.toReversed()) {
    if (leaf.outputs.some((output) => read.has(output))) continue;
    const stack = [{ node: leaf, rest: readsOf(leaf)[Symbol.iterator]() }];
    seen.add(leaf);
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const next = top.rest.next();
      if (next.done === true) {
        order.push(top.node);
        stack.pop();
        continue;
      }
      const producer = producers.get(next.value);
      if (producer === undefined || seen.has(producer)) continue;
      seen.add(producer);
      stack.push({ node: producer, rest: readsOf(producer)[Symbol.iterator]() });
    }
  }
  return order;
}
