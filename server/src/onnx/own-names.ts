/** Names that this program gives: to tensors that are not in the file, and in place of one that the runtime cannot take. */
import type { Graph, Model } from './model';
import { renameNode } from './rename';

/** Prefix of the tensors that an operator of the file was lowered to. */
export const ownPrefix = (n: number): string => (n === 0 ? 'lowered/' : `lowered_${n}/`);

export const isOwnName = (tensor: string): boolean => /^lowered(_\d+)?\//.test(tensor);

/** The file's tensor for which one of ours was created. */
export function madeFor(own: string): string {
  let [tensor, parts] = [own, 0];
  for (; isOwnName(tensor); parts++) tensor = tensor.slice(tensor.indexOf('/') + 1);
  return tensor
    .split('/')
    .slice(0, -parts || undefined)
    .join('/');
}

/**
 * The one name that cannot be the key of an ordinary object: assigning it sets the object's prototype, and onnxruntime's binding passes
 * tensors as such objects. All others, `constructor` and the like, only need code that reads own properties.
 */
const PROTO = '__proto__';

/** The same model with a tensor `__proto__` renamed to a free name. */
export function withoutProto(model: Model): Model {
  const { graph } = model;
  const names = new Set(namesOf(graph));
  if (!names.has(PROTO)) return model;
  let fresh = `${PROTO}_1`;
  for (let n = 2; names.has(fresh); n++) fresh = `${PROTO}_${n}`;
  const rename = (name: string): string => (name === PROTO ? fresh : name);
  return {
    ...model,
    graph: {
      ...graph,
      nodes: graph.nodes.map((node) => renameNode(node, rename)),
      inputs: graph.inputs.map((info) => ({ ...info, name: rename(info.name) })),
      outputs: graph.outputs.map((info) => ({ ...info, name: rename(info.name) })),
      initializers: new Map([...graph.initializers].map(([name, tensor]) => [rename(name), tensor])),
    },
  };
}

/** Every tensor of the graph and of the graphs inside it. */
function* namesOf(graph: Graph): Generator<string> {
  yield* graph.initializers.keys();
  for (const { name } of [...graph.inputs, ...graph.outputs]) yield name;
  for (const { inputs, outputs, attributes } of graph.nodes) {
    yield* inputs;
    yield* outputs;
    for (const attribute of attributes.values())
      if (attribute.kind === 'graph') yield* namesOf(attribute.value);
  }
}
