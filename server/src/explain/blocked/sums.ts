/** Sums in blocks: the runtime's convolution can add its result to a tensor, which saves a pass over both. */
import { indexGraph } from '../../onnx/graph-index';
import type { Graph, Node } from '../../onnx/model';
import { BLOCKED_DOMAIN } from '../../runtime/blocked-layout';

/** X, W, B; the fourth input is the tensor to add to. */
const INPUTS = 3;

/**
 * Given an Add and its operands in blocks, the convolution that computes one of them and the sum at once; undefined if neither is
 * the result of a convolution that nothing else reads and that has neither a sum nor an activation yet.
 */
export type SumOf = (add: Node, blocked: readonly string[]) => Node | undefined;

/** @param fixed tensors that must keep their names */
export function sumsIn(graph: Graph, fixed: ReadonlySet<string>): SumOf {
  const index = indexGraph(graph);
  const once = (tensor: string): boolean => index.consumersOf(tensor).length === 1 && !fixed.has(tensor);
  return (add, blocked) => {
    const [a = '', b = ''] = blocked;
    if (add.opType !== 'Add' || a === b) return undefined;
    for (const [operand, result, other] of [
      [add.inputs[0] ?? '', a, b],
      [add.inputs[1] ?? '', b, a],
    ] as const) {
      const conv = index.producerOf(result);
      if (conv === undefined || !canAdd(conv) || !once(operand) || !once(result)) continue;
      const [x = '', weights = '', bias = ''] = conv.inputs;
      return { ...conv, name: `${conv.name}/sum`, inputs: [x, weights, bias, other] };
    }
    return undefined;
  };
}

const canAdd = ({ domain, opType, inputs, attributes }: Node): boolean =>
  domain === BLOCKED_DOMAIN && opType === 'Conv' && inputs.length <= INPUTS && !attributes.has('activation');
