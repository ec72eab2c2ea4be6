/** Takes changes of layout that undo each other out of a network that the runtime has optimised. */
import type { Model, Node } from '../../onnx/model';
import { BLOCKED_DOMAIN } from '../../runtime/blocked-layout';
import { sweep } from '../passes/sweep';

/** Dimensions by tensor, of the network before it was optimised. */
export type Dims = ReadonlyMap<string, { readonly dims: readonly number[] }>;

/** Operators that work element by element on tensors of one shape: the order of elements is nothing to them. */
const ELEMENTWISE: ReadonlySet<string> = new Set(['Mul', 'Add', 'Sub', 'QuickGelu', 'Sigmoid', 'Relu']);

/** What has a blocked form under the same name. */
const POOLS: ReadonlySet<string> = new Set(['GlobalAveragePool', 'GlobalMaxPool']);

/**
 * The same network, in which what has been put into plain order is not put back into blocks: a ReorderInput of what a
 * ReorderOutput gives is what that one got, and an operator whose inputs are all there in blocks works on these. The runtime does the
 * same for the operators that it takes into its layout itself, before any that the network came with.
 */
export function keepBlocked(model: Model, dims: Dims): Model {
  const layout = new BlockedTensors();
  const nodes = model.graph.nodes.flatMap((given): readonly Node[] => {
    const node = { ...given, inputs: given.inputs.map((name) => layout.nameOf(name)) };
    const [input = ''] = node.inputs;
    const [output = ''] = node.outputs;
    if (isReorder(node, 'ReorderInput') && layout.alias(output, input)) return [];
    if (isReorder(node, 'ReorderInput')) layout.add(input, output);
    if (isReorder(node, 'ReorderOutput')) layout.add(output, input);
    const blocked = node.inputs.map((name) => layout.blocked(name));
    const shape = dims.get(input)?.dims;
    return shape !== undefined && works(node, shape, dims) && blocked.every((name) => name !== undefined)
      ? inBlocks(node, blocked, shape, layout)
      : [node];
  });
  return { ...model, graph: sweep({ ...model.graph, nodes }) };
}

/** Which blocked tensor holds the elements of which plain one. */
class BlockedTensors {
  private readonly forms = new Map<string, string>();
  private readonly aliases = new Map<string, string>();

  nameOf = (tensor: string): string => this.aliases.get(tensor) ?? tensor;
  blocked = (plain: string): string | undefined => this.forms.get(plain);

  add(plain: string, blocked: string): void {
    this.forms.set(plain, blocked);
  }

  /** Lets `blocked` be the form of `plain` that there is; false if there is none. */
  alias(blocked: string, plain: string): boolean {
    const known = this.forms.get(plain);
    if (known !== undefined) this.aliases.set(blocked, known);
    return known !== undefined;
  }
}

/** Whether a node computes the same on blocks: one image tensor an operand, all of one shape, and one result. */
function works({ opType, domain, inputs, outputs }: Node, shape: readonly number[], dims: Dims): boolean {
  const same = inputs.every((name) => String(dims.get(name)?.dims) === String(shape));
  const known = ELEMENTWISE.has(opType) || POOLS.has(opType);
  return known && domain !== BLOCKED_DOMAIN && same && shape.length === 4 && outputs.length === 1;
}

function inBlocks(
  node: Node,
  inputs: readonly string[],
  [, channels = 0]: readonly number[],
  layout: BlockedTensors,
): readonly Node[] {
  const [plain = ''] = node.outputs;
  const blocked = `${plain}/blocked`;
  layout.add(plain, blocked);
  const domain = POOLS.has(node.opType) ? BLOCKED_DOMAIN : node.domain;
  return [
    { ...node, domain, inputs, outputs: [blocked] },
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
