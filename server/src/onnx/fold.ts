/** Constant folding: shape computations, Constant nodes, and branches whose condition is known. */
import { elementCount } from './model';
import type { ConstantTensor, Graph, Node } from './model';
import { TakenNames } from './names';
import { renameNode } from './rename';
import type { TensorInfo } from './shapes/shape-rule';
import { isNumeric, packNumbers } from './typed-data';

export type Shapes = ReadonlyMap<string, TensorInfo>;

/**
 * The graph with every node whose results are all known turned into initializers of the same names. Nodes that compute a graph
 * output stay. `shapes` is the result of `inferShapes` for this graph.
 */
export function foldConstants(graph: Graph, shapes: Shapes): Graph {
  const outputs = new Set(graph.outputs.map((output) => output.name));
  const initializers = new Map(graph.initializers);
  const nodes = graph.nodes.filter((node) => {
    const constants = node.outputs.some((output) => outputs.has(output)) ? null : constantsOf(node, shapes);
    if (constants === null) return true;
    for (const [name, tensor] of constants) initializers.set(name, tensor);
    return false;
  });
  return { ...graph, nodes, initializers };
}

/** The node's results by name, or null if one of them is not known. */
function constantsOf(node: Node, shapes: Shapes): readonly (readonly [string, ConstantTensor])[] | null {
  const value = node.attributes.get('value');
  if (node.opType === 'Constant' && node.domain === '' && value?.kind === 'tensor') {
    return node.outputs.map((output) => [output, value.value] as const);
  }
  const constants: [string, ConstantTensor][] = [];
  for (const output of node.outputs) {
    if (output === '') continue;
    const tensor = toConstant(shapes.get(output));
    if (tensor === null) return null;
    constants.push([output, tensor]);
  }
  return constants;
}

/** The known value as a constant; null if it is unknown or inexact: integers beyond 2^53 may have been rounded. */
function toConstant(info: TensorInfo | undefined): ConstantTensor | null {
  if (info?.value === undefined || !isNumeric(info.type)) return null;
  const { type, dims, value } = info;
  const wide = type === 'int64' || type === 'uint64';
  if (wide && !value.every(Number.isSafeInteger)) return null;
  if (type === 'float16' || type === 'bfloat16' || value.length !== elementCount(dims)) return null;
  return { type, dims, data: packNumbers(type, value) };
}

/**
 * The graph with every If whose condition is known replaced by the nodes of the branch that is taken. Exporters
 * write such nodes where Python code asked for a size.
 */
export function inlineBranches(graph: Graph, shapes: Shapes): Graph {
  const decided = new Map<Node, Graph>();
  for (const node of graph.nodes) {
    const branch = branchTaken(node, shapes);
    if (branch !== null) decided.set(node, branch);
  }
  if (decided.size === 0) return graph;
  const taken = new TakenNames();
  for (const name of namesMadeIn({ ...graph, nodes: graph.nodes.filter((node) => !decided.has(node)) }))
    taken.add(name);
  for (const { name } of graph.inputs) taken.add(name);
  for (const node of decided.keys()) for (const output of node.outputs) taken.add(output);
  const initializers = new Map(graph.initializers);
  const nodes = graph.nodes.flatMap((node): readonly Node[] => {
    const branch = decided.get(node);
    if (branch === undefined) return [node];
    const rename = freshNames(branch, taken);
    for (const [name, tensor] of branch.initializers) initializers.set(rename(name), tensor);
    const inner = branch.nodes.map((each) => renameNode(each, rename));
    return [
      ...inner,
      ...node.outputs.flatMap((output, i) => passOn(rename(branch.outputs[i]?.name ?? ''), output)),
    ];
  });
  return { ...graph, nodes, initializers };
}

/** Gives a branch's result the name of the If node's output. */
function passOn(from: string, to: string): readonly Node[] {
  if (to === '') return [];
  return [{ opType: 'Identity', domain: '', name: '', inputs: [from], outputs: [to], attributes: new Map() }];
}

function branchTaken(node: Node, shapes: Shapes): Graph | null {
  if (node.opType !== 'If' || node.domain !== '') return null;
  const condition = shapes.get(node.inputs[0] ?? '')?.value?.[0];
  if (condition === undefined) return null;
  const branch = node.attributes.get(condition === 0 ? 'else_branch' : 'then_branch');
  return branch?.kind === 'graph' ? branch.value : null;
}

/** New names for tensors of the branch; captured tensors keep their names. */
function freshNames(branch: Graph, taken: TakenNames): (tensor: string) => string {
  const names = new Map<string, string>();
  for (const tensor of namesMadeIn(branch)) names.set(tensor, taken.take(tensor));
  return (tensor) => names.get(tensor) ?? tensor;
}

/** Every tensor that the graph or a nested graph computes. */
function namesMadeIn(graph: Graph): Set<string> {
  const names = new Set(graph.initializers.keys());
  for (const node of graph.nodes) {
    for (const output of node.outputs) if (output !== '') names.add(output);
    for (const attribute of node.attributes.values()) {
      if (attribute.kind !== 'graph') continue;
      for (const input of attribute.value.inputs) names.add(input.name);
      for (const name of namesMadeIn(attribute.value)) names.add(name);
    }
  }
  return names;
}
