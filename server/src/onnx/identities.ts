/** Removes nodes that pass their input through unchanged: Identity, and Dropout in inference. */
import { indexGraph } from './graph-index';
import type { Graph, Node } from './model';
import { renameNode } from './rename';

/**
 * The graph without Identity and Dropout nodes; readers of their outputs read their inputs instead. A node stays if
 * its output's name matters: graph outputs, and the tensors of `keep` (reported layers).
 */
export function removeIdentities(graph: Graph, keep: ReadonlySet<string> = new Set()): Graph {
  const fixed = new Set([...keep, ...graph.outputs.map((output) => output.name)]);
  const index = indexGraph(graph);
  const sources = new Map<string, string>();
  const resolve = (tensor: string): string => sources.get(tensor) ?? tensor;
  const nodes: Node[] = [];
  for (const node of graph.nodes) {
    const [output = '', mask = ''] = node.outputs;
    const [input = ''] = node.inputs;
    const maskIsRead = mask !== '' && (fixed.has(mask) || index.consumersOf(mask).length > 0);
    if (isPassThrough(graph, node) && !fixed.has(output) && !maskIsRead) {
      sources.set(output, resolve(input));
    } else {
      nodes.push(renameNode(node, resolve));
    }
  }
  return { ...graph, nodes };
}

function isPassThrough(graph: Graph, node: Node): boolean {
  if (node.domain !== '') return false;
  return node.opType === 'Identity' || (node.opType === 'Dropout' && !mayTrain(graph, node));
}

/** Since opset 12 an input can switch Dropout to training; only a constant false, or none, rules that out. */
function mayTrain(graph: Graph, node: Node): boolean {
  const name = node.inputs[2] ?? '';
  if (name === '') return false;
  const data = graph.initializers.get(name)?.data;
  return !(data instanceof Uint8Array && data.every((byte) => byte === 0));
}
