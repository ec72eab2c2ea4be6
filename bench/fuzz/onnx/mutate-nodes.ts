/** Breaks the nodes of a model: attributes, operators, names, edges. */
import type { Attribute, Graph, Model, Node } from '../../../server/src/onnx/model';
import type { Random } from '../random';

import { INTEGERS, FLOATS, hostileNames, attributeNames, STRINGS, operators } from './hostile-values';

export type Mutation = (model: Model, random: Random) => Model;

export const withGraph = (model: Model, change: Partial<Graph>): Model => ({
  ...model,
  graph: { ...model.graph, ...change },
});
export const setNode = (model: Model, at: number, node: Node): Model =>
  withGraph(model, { nodes: model.graph.nodes.map((old, i) => (i === at ? node : old)) });

export function someNode({ graph }: Model, random: Random): readonly [number, Node] | null {
  if (graph.nodes.length === 0) return null;
  const at = random.below(graph.nodes.length);
  return [at, graph.nodes[at] as Node];
}

/** Every tensor that something makes. */
export const tensorsOf = ({ graph }: Model): readonly string[] => [
  ...graph.inputs.map(({ name }) => name),
  ...graph.initializers.keys(),
  ...graph.nodes.flatMap(({ outputs }) => outputs),
];

function anyAttribute(random: Random): Attribute {
  const list = <T>(make: () => T): T[] => Array.from({ length: random.pick([0, 1, 2, 4, 8, 60]) }, make);
  switch (random.below(7)) {
    case 0:
    case 1:
      return { kind: 'int', value: random.pick(INTEGERS) };
    case 2:
    case 3:
      return { kind: 'ints', value: list(() => random.pick(INTEGERS)) };
    case 4:
      return { kind: 'float', value: random.pick(FLOATS) };
    case 5:
      return { kind: 'string', value: random.pick([...STRINGS, ...hostileNames]) };
    default:
      return { kind: 'floats', value: list(() => random.pick(FLOATS)) };
  }
}

export const setAttribute: Mutation = (model, random) => {
  const [at, node] = someNode(model, random) ?? [];
  if (at === undefined || node === undefined) return model;
  const known = [...node.attributes.keys()];
  const name = random.pick(known.length > 0 && random.below(4) > 0 ? known : attributeNames);
  return setNode(model, at, {
    ...node,
    attributes: new Map([...node.attributes, [name, anyAttribute(random)]]),
  });
};

/** One entry of a list, or the number itself: the rest stays as it was. */
export const nudgeAttribute: Mutation = (model, random) => {
  const [at, node] = someNode(model, random) ?? [];
  if (at === undefined || node === undefined || node.attributes.size === 0) return model;
  const [name, old] = random.pick([...node.attributes]);
  const value = ((): Attribute => {
    if (old.kind === 'int') return { kind: 'int', value: random.pick(INTEGERS) };
    if (old.kind === 'float') return { kind: 'float', value: random.pick(FLOATS) };
    if (old.kind === 'string') return { kind: 'string', value: random.pick(STRINGS) };
    if (old.kind !== 'ints' || old.value.length === 0) return old;
    return { kind: 'ints', value: old.value.with(random.below(old.value.length), random.pick(INTEGERS)) };
  })();
  return setNode(model, at, { ...node, attributes: new Map([...node.attributes, [name, value]]) });
};

export const dropAttribute: Mutation = (model, random) => {
  const [at, node] = someNode(model, random) ?? [];
  if (at === undefined || node === undefined || node.attributes.size === 0) return model;
  const name = random.pick([...node.attributes.keys()]);
  return setNode(model, at, {
    ...node,
    attributes: new Map([...node.attributes].filter(([key]) => key !== name)),
  });
};

export const swapOperator: Mutation = (model, random) => {
  const [at, node] = someNode(model, random) ?? [];
  if (at === undefined || node === undefined) return model;
  const domain =
    random.below(12) === 0
      ? random.pick(['com.microsoft', 'ai.onnx.ml', random.pick(hostileNames)])
      : node.domain;
  return setNode(model, at, {
    ...node,
    domain,
    opType: random.below(12) === 0 ? random.pick(hostileNames) : random.pick(operators),
  });
};

/** Everywhere, so that the graph stays the same. */
export const renameTensor: Mutation = (model, random) => {
  const { graph } = model;
  const old = random.pick(tensorsOf(model));
  const name = random.pick(hostileNames);
  const rename = (given: string): string => (given === old ? name : given);
  return withGraph(model, {
    nodes: graph.nodes.map((n) => ({ ...n, inputs: n.inputs.map(rename), outputs: n.outputs.map(rename) })),
    inputs: graph.inputs.map((info) => ({ ...info, name: rename(info.name) })),
    outputs: graph.outputs.map((info) => ({ ...info, name: rename(info.name) })),
    initializers: new Map([...graph.initializers].map(([key, tensor]) => [rename(key), tensor])),
  });
};

export const renameNode: Mutation = (model, random) => {
  const [at, node] = someNode(model, random) ?? [];
  return at === undefined || node === undefined
    ? model
    : setNode(model, at, { ...node, name: random.pick(hostileNames) });
};

/** Makes cycles, gaps, and tensors read by what does not fit them. */
export const rewire: Mutation = (model, random) => {
  const [at, node] = someNode(model, random) ?? [];
  if (at === undefined || node === undefined) return model;
  const tensor = random.pick([...tensorsOf(model), '', 'nowhere']);
  const inputs = [...node.inputs];
  if (random.below(3) === 0) inputs.push(tensor);
  else inputs[random.below(Math.max(inputs.length, 1))] = tensor;
  return setNode(model, at, { ...node, inputs });
};

export const changeOutputs: Mutation = (model, random) => {
  const [at, node] = someNode(model, random) ?? [];
  if (at === undefined || node === undefined) return model;
  const outputs = random.pick([
    [...node.outputs, `${node.outputs[0] ?? ''}/more`],
    [...node.outputs, random.pick(tensorsOf(model))],
    node.outputs.slice(1),
    [],
  ]);
  return setNode(model, at, { ...node, outputs });
};

export const repeatNode: Mutation = (model, random) => {
  const [at, node] = someNode(model, random) ?? [];
  if (at === undefined || node === undefined) return model;
  const count = random.pick([1, 3, 30, 300]);
  const [output = 'y'] = node.outputs;
  const made: Node[] = [];
  let last = output;
  for (let i = 0; i < count; i++) {
    const [, ...others] = node.inputs;
    made.push({
      ...node,
      name: `${node.name}/${i}`,
      inputs: [last, ...others],
      outputs: [`${output}/again${i}`],
    });
    last = `${output}/again${i}`;
  }
  const rename = (name: string): string => (name === output ? last : name);
  const nodes = model.graph.nodes.map((n, i) => (i > at ? { ...n, inputs: n.inputs.map(rename) } : n));
  return withGraph(model, { nodes: nodes.toSpliced(at + 1, 0, ...made) });
};

export const dropNode: Mutation = (model, random) => {
  const [at] = someNode(model, random) ?? [];
  return at === undefined ? model : withGraph(model, { nodes: model.graph.nodes.toSpliced(at, 1) });
};
