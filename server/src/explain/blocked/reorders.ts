/** Removes changes of layout that undo each other from a network that the runtime has optimized. */
import { readsOf } from '../../onnx/graph-index';
import type { Graph, Model, Node } from '../../onnx/model';
import { BLOCKED_DOMAIN } from '../../runtime/blocked-layout';
import { pruneTo } from '../../onnx/prune';
import { sumsIn } from './sums';
import { sameDims } from '../../onnx/dims';

/** Dimensions by tensor, of the network before it was optimized. */
export type Dims = ReadonlyMap<string, { readonly dims: readonly number[] }>;

/** Operators that work element by element, on tensors of one shape and scalars: the order of elements does not matter. */
const ELEMENTWISE: ReadonlySet<string> = new Set([
  ...['Mul', 'Add', 'Sub', 'QuickGelu', 'Sigmoid', 'Relu'],
  ...['Clip', 'LeakyRelu', 'HardSigmoid', 'Tanh', 'Where'],
]);

/** The same with Boolean results, for which neither a change of layout nor Where has a kernel. */
const LOGICAL: ReadonlySet<string> = new Set([
  ...['Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual', 'Equal'],
  ...['And', 'Or', 'Not'],
]);

/** Operators with a blocked form of the same name. */
const POOLS: ReadonlySet<string> = new Set(['GlobalAveragePool', 'GlobalMaxPool']);

/**
 * The same network, in which nothing that was put into plain order is put back into blocks: a ReorderInput of the result of a
 * ReorderOutput is that one's input, and an operator whose inputs all exist in blocks works on these. The runtime does the
 * same for the operators that it converts to its layout itself, but not for those that the network came with. A single position of whole blocks
 * is the same in both layouts.
 * @param block channels in a block, of `channelBlock`
 */
export function keepBlocked(model: Model, dims: Dims, block: number): Model {
  const fixed = namesInUse(model.graph);
  const layout = new BlockedTensors(fixed);
  const sumOf = sumsIn(model.graph, fixed);
  const nodes = model.graph.nodes.flatMap((given): readonly Node[] => {
    const node = { ...given, inputs: given.inputs.map((name) => layout.nameOf(name)) };
    const [input = ''] = node.inputs;
    const [output = ''] = node.outputs;
    if (isReorder(node, 'ReorderInput')) {
      if (isSame(dims.get(input)?.dims, block)) layout.add(input, input);
      if (layout.alias(output, layout.blocked(input))) return [];
      layout.add(input, output);
    }
    if (isReorder(node, 'ReorderOutput')) {
      if (isSame(dims.get(output)?.dims, block)) layout.add(input, input);
      if (layout.alias(output, layout.blocked(input))) return [];
      layout.add(output, input);
    }
    const isNumber = (name: string): boolean => name === '' || isSingle(name, model.graph, dims);
    const whole = node.inputs.filter((name) => !isNumber(name));
    const shape = dims.get(whole[0] ?? '')?.dims;
    const blocked = node.inputs.map((name) => (isNumber(name) ? name : layout.blocked(name)));
    const joined = joinedBlocks(node, layout, dims, block);
    if (joined !== undefined) return withPlainResult(joined, output, dims.get(output)?.dims ?? [], layout);
    const moves = shape !== undefined && !isSame(shape, block) && works(node, whole, shape, dims);
    if (!moves || !blocked.every((name) => name !== undefined)) return [node];
    if (LOGICAL.has(node.opType)) return [node, onBlocks(node, blocked, layout)];
    const sum = sumOf(given, blocked);
    const operator =
      sum === undefined
        ? { ...node, domain: POOLS.has(node.opType) ? BLOCKED_DOMAIN : node.domain, inputs: blocked }
        : { ...sum, inputs: sum.inputs.map((name) => layout.nameOf(name)) };
    if (!POOLS.has(node.opType) || (shape[1] ?? 0) % block !== 0)
      return withPlainResult(operator, output, shape, layout);
    layout.add(output, output);
    return [{ ...operator, outputs: [output] }];
  });
  return { ...model, graph: pruneTo({ ...model.graph, nodes }) };
}

/** Concat of channels, where all operands exist in blocks and fill theirs; the runtime puts only those behind its own convolutions into blocks. */
function joinedBlocks(node: Node, layout: BlockedTensors, dims: Dims, block: number): Node | undefined {
  const axis = node.attributes.get('axis');
  if (node.opType !== 'Concat' || axis?.kind !== 'int' || axis.value !== 1) return undefined;
  const fill = node.inputs.every((name) => {
    const { length, 1: channels = 0 } = dims.get(name)?.dims ?? [];
    return length === 4 && channels % block === 0;
  });
  const inputs = node.inputs.flatMap((name) => layout.blocked(name) ?? []);
  return fill && inputs.length === node.inputs.length ? { ...node, inputs } : undefined;
}

/** Which blocked tensor holds the elements of which plain one. */
class BlockedTensors {
  private readonly forms = new Map<string, string>();
  private readonly aliases = new Map<string, string>();

  /** @param fixed tensors that must keep their names */
  constructor(private readonly fixed: ReadonlySet<string>) {}

  nameOf = (tensor: string): string => this.aliases.get(tensor) ?? tensor;
  blocked = (plain: string): string | undefined => this.forms.get(plain);

  add(plain: string, blocked: string): void {
    this.forms.set(plain, blocked);
  }

  /** Makes readers of `tensor` read `same`; false if there is none, or if `tensor` must keep its name. */
  alias(tensor: string, same: string | undefined): boolean {
    if (same === undefined || this.fixed.has(tensor)) return false;
    this.aliases.set(tensor, same);
    return true;
  }
}

/** Outputs, and what nested graphs read. */
function namesInUse({ outputs, nodes }: Graph): ReadonlySet<string> {
  const nested = nodes.flatMap((node) => [...readsOf(node)].filter((name) => !node.inputs.includes(name)));
  return new Set([...outputs.map(({ name }) => name), ...nested]);
}

/** Whether a tensor's elements have the same order in both layouts. */
function isSame(dims: readonly number[] | undefined, block: number): boolean {
  const [, channels = 0, ...size] = dims ?? [];
  return size.length === 2 && size.every((length) => length === 1) && channels % block === 0;
}

/**
 * Whether a node computes the same on blocks: each operand is an image tensor or a scalar, and there is one result.
 * @param whole its operands that are not scalars, which must have one shape
 */
function works(
  { opType, domain, outputs }: Node,
  whole: readonly string[],
  shape: readonly number[],
  dims: Dims,
): boolean {
  const same = whole.every((name) => sameDims(dims.get(name)?.dims, shape));
  const known = ELEMENTWISE.has(opType) || LOGICAL.has(opType) || POOLS.has(opType);
  return known && domain !== BLOCKED_DOMAIN && same && shape.length === 4 && outputs.length === 1;
}

/** A tensor of one element has no order. */
function isSingle(name: string, { initializers }: Graph, dims: Dims): boolean {
  const shape = initializers.get(name)?.dims ?? dims.get(name)?.dims;
  return shape !== undefined && shape.length <= 4 && shape.every((size) => size === 1);
}

/** A copy of the node on blocks: whichever of the two is not read is pruned at the end. */
function onBlocks(node: Node, inputs: readonly string[], layout: BlockedTensors): Node {
  const [plain = ''] = node.outputs;
  const blocked = `${plain}/blocked`;
  layout.add(plain, blocked);
  return { ...node, name: `${blocked}/${node.opType}`, inputs, outputs: [blocked] };
}

/** An operator on blocks, and its result also in plain order, for remaining readers. */
function withPlainResult(
  operator: Node,
  plain: string,
  [, channels = 0]: readonly number[],
  layout: BlockedTensors,
): readonly Node[] {
  const blocked = `${plain}/blocked`;
  layout.add(plain, blocked);
  return [
    { ...operator, outputs: [blocked] },
    {
      opType: 'ReorderOutput',
      domain: BLOCKED_DOMAIN,
      name: `${blocked}/reorder`,
      inputs: [blocked],
      outputs: [plain],
      attributes: new Map([['channels', { kind: 'int', value: channels }]]),
    },
  ];
}

/** `channels_last` would read and give another plain order. */
function isReorder({ opType, domain, attributes }: Node, kind: 'ReorderInput' | 'ReorderOutput'): boolean {
  const last = attributes.get('channels_last');
  return opType === kind && domain === BLOCKED_DOMAIN && !(last?.kind === 'int' && last.value !== 0);
}
