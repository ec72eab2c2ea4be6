/** Takes out what undoes itself: a tensor that is quantized and read back with the same scale and zero point is the clipped tensor. */
import type { ConstantTensor, Graph, Node } from '../../onnx/model';
import { isExternal } from '../../onnx/model';
import { renameNode } from '../../onnx/rename';

/** `((clipped / scale + zero) - zero) scale`, or without the zero points. Nodes that nothing reads any more stay, to be pruned. */
export function withoutPairs(graph: Graph): Graph {
  const makers = new Map(
    graph.nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)),
  );
  const fixed = new Set(graph.outputs.map(({ name }) => name));
  const sources = new Map<string, string>();
  const resolve = (tensor: string): string => sources.get(tensor) ?? tensor;
  const nodes: Node[] = [];
  const same = (a = '', b = ''): boolean =>
    a === b || equal(graph.initializers.get(a), graph.initializers.get(b));
  for (const node of graph.nodes) {
    const source = fixed.has(node.outputs[0] ?? '') ? null : sourceOf(node, makers, same);
    if (source !== null) sources.set(node.outputs[0] ?? '', resolve(source));
    else nodes.push(renameNode(node, resolve));
  }
  return sources.size === 0 ? graph : { ...graph, nodes };
}

function sourceOf(
  node: Node,
  makers: ReadonlyMap<string, Node>,
  same: (a?: string, b?: string) => boolean,
): string | null {
  const made = (opType: string, tensor = ''): Node | undefined => {
    const maker = makers.get(tensor);
    return maker?.opType === opType && maker.domain === '' ? maker : undefined;
  };
  if (node.opType !== 'Mul' || node.domain !== '') return null;
  const [shifted, scale] = node.inputs;
  const sub = made('Sub', shifted);
  const add = made('Add', sub?.inputs[0]);
  if (sub !== undefined && (add === undefined || !same(add.inputs[1], sub.inputs[1]))) return null;
  const div = made('Div', add === undefined ? shifted : add.inputs[0]);
  if (div === undefined || !same(div.inputs[1], scale)) return null;
  return made('Clip', div.inputs[0])?.outputs[0] ?? null;
}

function equal(a: ConstantTensor | undefined, b: ConstantTensor | undefined): boolean {
  if (a === undefined || b === undefined || isExternal(a.data) || isExternal(b.data)) return false;
  const other = b.data;
  return a.type === b.type && a.data.length === other.length && a.data.every((byte, i) => byte === other[i]);
}
