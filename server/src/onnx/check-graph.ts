/** Checks what every later step relies on: each tensor is computed once and before it is read. */
import { LensError } from '../errors';
import { readsOf, topologicalSort } from './graph-index';
import type { Model } from './model';
import { describe } from './node-label';

const FIX =
  'The exporter wrote an inconsistent graph: export the model again, or check it with onnx.checker.';

/**
 * The same model with its nodes in topological order, which exporters may not keep.
 * @param name the file in errors
 * @throws LensError 'model' naming the node for a tensor with two sources or none, and for a cycle.
 */
export function checkGraph(model: Model, name: string): Model {
  const fail = (problem: string): never => {
    throw new LensError('model', `${name}: ${problem}`, { fix: FIX });
  };
  const made = new Set<string>(model.graph.initializers.keys());
  const make = (tensor: string, by: string): void => {
    if (made.has(tensor)) fail(`expected one source of tensor "${tensor}", found a second one: ${by}.`);
    made.add(tensor);
  };
  for (const input of model.graph.inputs) make(input.name, 'an input');
  for (const node of model.graph.nodes) {
    for (const output of node.outputs) if (output !== '') make(output, describe(node));
  }
  for (const node of model.graph.nodes) {
    for (const tensor of readsOf(node)) {
      if (!made.has(tensor))
        fail(`expected a source of tensor "${tensor}", which ${describe(node)} reads, found none.`);
    }
  }
  for (const output of model.graph.outputs) {
    if (!made.has(output.name)) fail(`expected a source of output "${output.name}", found none.`);
  }
  const nodes = topologicalSort(model.graph.nodes);
  if (nodes === null) return fail('expected a graph without cycles, found a node that needs its own result.');
  return { ...model, graph: { ...model.graph, nodes } };
}
