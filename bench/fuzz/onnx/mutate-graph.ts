/** Breaks what a graph holds besides its nodes: tensors, inputs, outputs, versions, and graphs within it. */
import type { ConstantTensor, DataType, Dimension, Graph, Node } from '../../../server/src/onnx/model';
import { bytesOf, elementCount } from '../../../server/src/onnx/model';
import { float32Tensor, int64Tensor } from '../../../server/src/onnx/builder';
import type { Random } from '../random';

import { INTEGERS, FLOATS, TYPES, hostileNames } from './hostile-values';
import { withGraph, setNode, someNode, tensorsOf, type Mutation } from './mutate-nodes';

/** A tensor of a chosen size from a few bytes, which something in the graph then reads. */
export const plantLarge: Mutation = (model, random) => {
  const [at, node] = someNode(model, random) ?? [];
  if (at === undefined || node === undefined) return model;
  const sizes = Array.from({ length: 1 + random.below(4) }, () => random.pick(INTEGERS));
  const initializers = new Map(model.graph.initializers);
  initializers.set(
    'planted/sizes',
    int64Tensor(sizes.map((size) => Math.min(Math.max(size, -(2 ** 62)), 2 ** 62))),
  );
  initializers.set('planted/one', float32Tensor([1], [1]));
  const scalars = [random.pick(INTEGERS), random.pick(INTEGERS), 1].map((value, i) => {
    initializers.set(`planted/${i}`, int64Tensor([Math.min(Math.max(value, -(2 ** 62)), 2 ** 62)], []));
    return `planted/${i}`;
  });
  const make = random.pick([
    ['ConstantOfShape', ['planted/sizes']],
    ['Expand', [node.inputs[0] ?? 'planted/one', 'planted/sizes']],
    ['Tile', [node.inputs[0] ?? 'planted/one', 'planted/sizes']],
    ['Range', scalars],
    ['Reshape', [node.inputs[0] ?? 'planted/one', 'planted/sizes']],
    ['Pad', [node.inputs[0] ?? 'planted/one', 'planted/sizes']],
  ] as const);
  const planted: Node = {
    opType: make[0],
    domain: '',
    name: 'planted',
    inputs: make[1],
    outputs: ['planted/y'],
    attributes: new Map(),
  };
  const reader = {
    ...node,
    inputs: node.inputs.with(random.below(Math.max(node.inputs.length, 1)), 'planted/y'),
  };
  return withGraph(model, {
    initializers,
    nodes: [...model.graph.nodes.slice(0, at), planted, reader, ...model.graph.nodes.slice(at + 1)],
  });
};

export const changeConstant: Mutation = (model, random) => {
  const entries = [...model.graph.initializers];
  if (entries.length === 0) return model;
  const [name, tensor] = random.pick(entries);
  const initializers = new Map(model.graph.initializers).set(name, broken(tensor, random));
  return withGraph(model, { initializers });
};

function broken(tensor: ConstantTensor, random: Random): ConstantTensor {
  const { dims, type, data } = tensor;
  const numbers = [...INTEGERS, ...FLOATS];
  switch (random.below(6)) {
    case 0: // another number
      if (type === 'int64')
        return int64Tensor(
          Array.from({ length: elementCount(dims) }, () => random.pick(INTEGERS)),
          dims,
        );
      if (type === 'float32')
        return float32Tensor(
          dims,
          Array.from({ length: elementCount(dims) }, () => random.pick(numbers)),
        );
      return tensor;
    case 1: // another shape of the same elements, or of others
      return {
        ...tensor,
        dims: random.pick([[], [elementCount(dims)], dims.toReversed(), [...dims, 1], dims.slice(1)]),
      };
    case 2: // another type of the same bytes
      return { ...tensor, type: random.pick(TYPES) };
    case 3: {
      const to = random.pick(TYPES.filter((each): each is Exclude<DataType, 'string'> => each !== 'string'));
      return { type: to, dims, data: new Uint8Array(bytesOf(to, elementCount(dims))) };
    }
    case 4: {
      const location = random.pick([
        'case.data',
        '../case.data',
        'nowhere',
        '/etc/passwd',
        'a\u0000',
        ...hostileNames,
      ]);
      const length = random.pick([elementCount(dims) * 4, 0, 2 ** 40]);
      return { ...tensor, data: { location, offset: random.pick([0, 0, 4, 2 ** 40]), length } };
    }
    default:
      return { ...tensor, dims: dims.map(() => random.pick([0, 1, 2, 3, 2 ** 20, 2 ** 40])), data };
  }
}

export const changeInput: Mutation = (model, random) => {
  const [input, ...others] = model.graph.inputs;
  if (input === undefined) return model;
  const dim = (): Dimension =>
    random.pick<Dimension>([null, 'n', 0, -1, 1, 3, 32, 33, 224, 4096, 2 ** 20, 2 ** 40]);
  const shapes: readonly (readonly Dimension[] | null)[] = [
    null,
    [],
    [1, 3],
    [1, 3, dim(), dim()],
    [1, dim(), 32, 32],
    [dim(), 3, 32, 32, 1],
  ];
  const changed = {
    ...input,
    type: random.below(5) === 0 ? random.pick(TYPES) : input.type,
    dims: random.pick(shapes),
  };
  const more = random.below(6) === 0 ? [{ ...input, name: random.pick(hostileNames) }] : [];
  return withGraph(model, { inputs: [changed, ...others, ...more] });
};

export const changeGraphOutputs: Mutation = (model, random) => {
  const some = (): Graph['outputs'][number] => ({
    name: random.pick([...tensorsOf(model), 'nowhere']),
    type: random.pick(TYPES),
    dims: random.pick([null, [], [1, 4], [2 ** 40]]),
  });
  return withGraph(model, {
    outputs: random.pick([[some()], [some(), some()], [...model.graph.outputs, some()], []]),
  });
};

export const changeVersion: Mutation = (model, random) => {
  const version = random.pick([0, 1, 6, 7, 9, 10, 11, 12, 13, 17, 18, 21, 26, 2 ** 31, 2 ** 63, -1]);
  const opsets = new Map([
    ...model.opsets,
    ...(random.below(4) === 0 ? [[random.pick(hostileNames), version] as const] : [['', version] as const]),
  ]);
  return { ...model, opsets, irVersion: random.below(3) === 0 ? random.pick(INTEGERS) : model.irVersion };
};

export const changeMetadata: Mutation = (model, random) => ({
  ...model,
  producer: random.pick(hostileNames),
  metadata: new Map([[random.pick(hostileNames), random.pick(hostileNames)]]),
});

/** A branch around one node: graphs within graphs, up to a depth that is refused. */
export const nest: Mutation = (model, random) => {
  const [at, node] = someNode(model, random) ?? [];
  if (at === undefined || node === undefined) return model;
  const depth = random.pick([1, 1, 2, 40]);
  let inner: Graph = {
    name: 'branch',
    nodes: [node],
    inputs: [],
    initializers: new Map(),
    outputs: node.outputs.map((name) => ({ name, type: 'float32', dims: null })),
  };
  for (let i = 1; i < depth; i++) inner = { ...inner, nodes: [branch(node, inner)] };
  const initializers = new Map(model.graph.initializers).set('planted/condition', {
    type: 'bool',
    dims: [],
    data: Uint8Array.of(random.below(2)),
  });
  return withGraph(setNode(model, at, branch(node, inner)), { initializers });
};

const branch = ({ outputs, name }: Node, inner: Graph): Node => ({
  opType: 'If',
  domain: '',
  name: `${name}/if`,
  inputs: ['planted/condition'],
  outputs,
  attributes: new Map([
    ['then_branch', { kind: 'graph', value: inner }],
    // Not the same once more: two of them in each of 40 would be 2^40.
    ['else_branch', { kind: 'graph', value: { ...inner, nodes: [] } }],
  ]),
});
