/** Renames tensors throughout a graph, nested graphs included. */
import type { Attribute, Graph, Node } from './model';

export type Renaming = (tensor: string) => string;

/** The node with its tensors renamed; its own name stays. */
export function renameNode(node: Node, rename: Renaming): Node {
  const attributes = new Map<string, Attribute>();
  for (const [name, attribute] of node.attributes) {
    attributes.set(
      name,
      attribute.kind === 'graph' ? { kind: 'graph', value: renameGraph(attribute.value, rename) } : attribute,
    );
  }
  const named = (tensor: string): string => (tensor === '' ? '' : rename(tensor));
  return { ...node, inputs: node.inputs.map(named), outputs: node.outputs.map(named), attributes };
}

function renameGraph(graph: Graph, rename: Renaming): Graph {
  return {
    ...graph,
    nodes: graph.nodes.map((node) => renameNode(node, rename)),
    inputs: graph.inputs.map((info) => ({ ...info, name: rename(info.name) })),
    outputs: graph.outputs.map((info) => ({ ...info, name: rename(info.name) })),
    initializers: new Map([...graph.initializers].map(([name, tensor]) => [rename(name), tensor])),
  };
}
