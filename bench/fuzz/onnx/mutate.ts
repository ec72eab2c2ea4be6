/** Breaks a model where it has structure: attributes, shapes, names, types, edges, data; and at last its bytes. */
import type {
  Attribute,
  ConstantTensor,
  DataType,
  Dimension,
  Graph,
  Model,
  Node,
} from '../../../server/src/onnx/model';
import { bytesOf, dataTypes, elementCount } from '../../../server/src/onnx/model';
import { float32Tensor, int64Tensor } from '../../../server/src/onnx/builder';
import { shapeRules } from '../../../server/src/onnx/shapes/registry';
import type { Random } from '../random';

type Mutation = (model: Model, random: Random) => Model;

const INTEGERS = [
  ...[0, 1, -1, 2, 3, 4, 7, 9, 64, -2, -5, 1000, 4096, 65_536, 2 ** 20, 2 ** 24, 2 ** 30],
  ...[2 ** 31 - 1, 2 ** 31, -(2 ** 31), 2 ** 32, 2 ** 40, 2 ** 53, 2 ** 62, -(2 ** 62), 2 ** 63, -(2 ** 63)],
];
const FLOATS = [0, -0, 1, -1, 0.5, 1e-45, 1e38, -1e38, NaN, Infinity, -Infinity, 2 ** 31, 1e6];
const TYPES = Object.keys(dataTypes) as readonly DataType[];

/** Names that steer terminals, that are members of every object, that no file may have, or that nobody sees. */
export const hostileNames: readonly string[] = [
  ...[
    'constructor',
    '__proto__',
    'hasOwnProperty',
    'valueOf',
    'toString',
    'isPrototypeOf',
    '__defineGetter__',
  ],
  ...[
    '\u001b]0;PWNED\u0007\u001b[2J\u001b[31m\nerror: fake',
    'a\r\nb',
    '\u202egpj.exe',
    '\u200b',
    '\u009b31m',
  ],
  ...[
    '../../etc/passwd',
    'con',
    'nul.',
    '/',
    '.',
    '..',
    ' ',
    'a/../../b',
    'CON:',
    '%s%n',
    '<img src=x onerror=1>',
  ],
  ...[
    '](javascript:1)',
    '|`$(id)`',
    'lens/target',
    'grad/x',
    '\u{e0041}',
    'x'.repeat(5000),
    '\u0000',
    '0',
    '"',
  ],
];

const attributeNames = [
  ...[
    'axis',
    'axes',
    'group',
    'strides',
    'pads',
    'kernel_shape',
    'dilations',
    'output_padding',
    'output_shape',
  ],
  ...[
    'num_outputs',
    'keepdims',
    'blocksize',
    'mode',
    'epsilon',
    'alpha',
    'beta',
    'to',
    'start',
    'end',
    'auto_pad',
  ],
  ...[
    'ceil_mode',
    'storage_order',
    'allowzero',
    'transA',
    'perm',
    'split',
    'size',
    'scales',
    'shape',
    'training_mode',
  ],
  ...[
    'coordinate_transformation_mode',
    'nearest_mode',
    'count_include_pad',
    'noop_with_empty_axes',
    'fmod',
    'value',
  ],
];
const STRINGS = [
  '',
  'SAME_UPPER',
  'SAME_LOWER',
  'VALID',
  'linear',
  'cubic',
  'nearest',
  'reflect',
  'edge',
  'align_corners',
];

const operators = [
  ...shapeRules.keys(),
  'Loop',
  'Scan',
  'NonMaxSuppression',
  'RandomNormal',
  'QLinearConv',
  'Nowhere',
];

const withGraph = (model: Model, change: Partial<Graph>): Model => ({
  ...model,
  graph: { ...model.graph, ...change },
});
const setNode = (model: Model, at: number, node: Node): Model =>
  withGraph(model, { nodes: model.graph.nodes.map((old, i) => (i === at ? node : old)) });

function someNode({ graph }: Model, random: Random): readonly [number, Node] | null {
  if (graph.nodes.length === 0) return null;
  const at = random.below(graph.nodes.length);
  return [at, graph.nodes[at] as Node];
}

/** Every tensor that something makes. */
const tensorsOf = ({ graph }: Model): readonly string[] => [
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

const setAttribute: Mutation = (model, random) => {
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
const nudgeAttribute: Mutation = (model, random) => {
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

const dropAttribute: Mutation = (model, random) => {
  const [at, node] = someNode(model, random) ?? [];
  if (at === undefined || node === undefined || node.attributes.size === 0) return model;
  const name = random.pick([...node.attributes.keys()]);
  return setNode(model, at, {
    ...node,
    attributes: new Map([...node.attributes].filter(([key]) => key !== name)),
  });
};

const swapOperator: Mutation = (model, random) => {
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
const renameTensor: Mutation = (model, random) => {
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

const renameNode: Mutation = (model, random) => {
  const [at, node] = someNode(model, random) ?? [];
  return at === undefined || node === undefined
    ? model
    : setNode(model, at, { ...node, name: random.pick(hostileNames) });
};

/** Makes cycles, gaps, and tensors read by what does not fit them. */
const rewire: Mutation = (model, random) => {
  const [at, node] = someNode(model, random) ?? [];
  if (at === undefined || node === undefined) return model;
  const tensor = random.pick([...tensorsOf(model), '', 'nowhere']);
  const inputs = [...node.inputs];
  if (random.below(3) === 0) inputs.push(tensor);
  else inputs[random.below(Math.max(inputs.length, 1))] = tensor;
  return setNode(model, at, { ...node, inputs });
};

const changeOutputs: Mutation = (model, random) => {
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

const repeatNode: Mutation = (model, random) => {
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

const dropNode: Mutation = (model, random) => {
  const [at] = someNode(model, random) ?? [];
  return at === undefined ? model : withGraph(model, { nodes: model.graph.nodes.toSpliced(at, 1) });
};

/** A tensor of a chosen size from a few bytes, which something in the graph then reads. */
const plantLarge: Mutation = (model, random) => {
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

const changeConstant: Mutation = (model, random) => {
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

const changeInput: Mutation = (model, random) => {
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

const changeGraphOutputs: Mutation = (model, random) => {
  const some = (): Graph['outputs'][number] => ({
    name: random.pick([...tensorsOf(model), 'nowhere']),
    type: random.pick(TYPES),
    dims: random.pick([null, [], [1, 4], [2 ** 40]]),
  });
  return withGraph(model, {
    outputs: random.pick([[some()], [some(), some()], [...model.graph.outputs, some()], []]),
  });
};

const changeVersion: Mutation = (model, random) => {
  const version = random.pick([0, 1, 6, 7, 9, 10, 11, 12, 13, 17, 18, 21, 26, 2 ** 31, 2 ** 63, -1]);
  const opsets = new Map([
    ...model.opsets,
    ...(random.below(4) === 0 ? [[random.pick(hostileNames), version] as const] : [['', version] as const]),
  ]);
  return { ...model, opsets, irVersion: random.below(3) === 0 ? random.pick(INTEGERS) : model.irVersion };
};

const changeMetadata: Mutation = (model, random) => ({
  ...model,
  producer: random.pick(hostileNames),
  metadata: new Map([[random.pick(hostileNames), random.pick(hostileNames)]]),
});

/** A branch around one node: graphs within graphs, up to a depth that is refused. */
const nest: Mutation = (model, random) => {
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

const mutations: readonly Mutation[] = [
  ...[setAttribute, setAttribute, nudgeAttribute, nudgeAttribute, nudgeAttribute, dropAttribute],
  ...[swapOperator, swapOperator, renameTensor, renameTensor, renameNode, rewire, rewire, changeOutputs],
  ...[repeatNode, dropNode, plantLarge, plantLarge, changeConstant, changeConstant, changeConstant],
  ...[changeInput, changeGraphOutputs, changeVersion, changeMetadata, nest],
];

/** One to three mutations; the same for the same `random`. */
export function mutated(model: Model, random: Random): Model {
  let result = model;
  for (let i = 1 + random.below(3); i > 0; i--) result = random.pick(mutations)(result, random);
  return result;
}

/** Cut, flipped or overwritten: what the reader of the format has to notice. */
export function brokenBytes(bytes: Buffer, random: Random): Buffer {
  const result = Buffer.from(bytes);
  switch (random.below(4)) {
    case 0:
      return result.subarray(0, random.below(result.length + 1));
    case 1:
      for (let i = 1 + random.below(8); i > 0; i--)
        flip(result, random.below(result.length), 1 << random.below(8));
      return result;
    case 2:
      random.bytes(Math.min(8, result.length)).copy(result, random.below(result.length - 8));
      return result;
    default:
      result.fill(
        random.pick([0, 0x7f, 0x80, 0xff]),
        random.below(result.length),
        random.below(result.length),
      );
      return result;
  }
}

const flip = (bytes: Buffer, at: number, bits: number): void => void (bytes[at] = (bytes[at] ?? 0) ^ bits);
