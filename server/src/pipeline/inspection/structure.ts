/** What a model file contains, from only names and shapes: nothing is run, and no weights are read. */
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { ModelPort, ModelStructure, OperatorCount } from '../../../../protocol/model-structure';
import { recognize } from '../../architectures/recognize';
import { recognizers } from '../../architectures/recognizers';
import { fromTensorSource } from '../../architectures/state-dict';
import { standardRules } from '../../autodiff/rules/index';
import { isStop } from '../../autodiff/rule';
import { openCheckpoint } from '../../checkpoints/open';
import { asLensError, LensError, namingModel } from '../../errors';
import { scopeOf } from '../../layers/scope';
import { loweringOf } from '../../lowering/table';
import type { InputDims } from '../../onnx/bind';
import { OPSET } from '../../onnx/builder';
import type { Graph, Model, Node, ValueInfo } from '../../onnx/model';
import { elementCount } from '../../onnx/model';
import type { ConstantRole } from '../../onnx/quantized-constants';
import { constantRoles, packedValues } from '../../onnx/quantized-constants';
import { inferShapes } from '../../onnx/shapes';
import { isOnnxFile } from '../../store/model-files';
import type { PlacedNode, PlacedTensor } from './module-rows';
import { moduleRows, modulesOfTensor } from './module-rows';
import { flopsOf, type DimsOf } from './operations';
import { skimModel } from '../../onnx/skim';

/** Characters of a value of metadata that are shown. */
const MOST_TEXT = 2000;

/** Side of the picture, and of any other open dimension, for which shapes are computed. */
const OPEN_SIDE = 224;

/** @throws LensError of kind `model` if the file cannot be read safely */
export async function modelStructure(path: string, signal?: AbortSignal): Promise<ModelStructure> {
  const file = resolve(path);
  return namingModel(file, () => (isOnnxFile(file) ? ofGraph(file) : ofCheckpoint(file, signal)));
}

async function ofGraph(path: string): Promise<ModelStructure> {
  const { model } = await skimModel(path);
  const { graph, opsets, producer, metadata } = model;
  const shapes = shapesOf(model);
  const statistics = new Set(
    graph.nodes.flatMap(({ opType, inputs }) => (opType === 'BatchNormalization' ? inputs.slice(3) : [])),
  );
  const [roles, packed] = [constantRoles(graph), packedValues(graph)];
  const tensors = [...graph.initializers].map(([name, { type, dims }]): PlacedTensor => {
    const role = roles.get(name);
    const trained =
      role === undefined ? isTrained(type, name, dims) && !statistics.has(name) : role === 'value';
    return {
      ...{ modules: [], name, shape: dims },
      type: role === undefined || role === 'value' ? type : `${type} ${role}`,
      parameters: trained ? (packed.get(name) ?? elementCount(dims)) : 0,
    };
  });
  const { nodes, homes } = placed(graph.nodes, new Set(graph.initializers.keys()), shapes.dimsOf);
  const tree = moduleRows(
    nodes,
    tensors.map((tensor) => ({ ...tensor, modules: homes.get(tensor.name) ?? modulesOfTensor(tensor.name) })),
    true,
  );
  const sets = [...opsets].map(([domain, version]) => `${domain === '' ? 'ONNX' : domain} ${version}`);
  return {
    ...{ path, bytes: (await stat(path)).size, format: 'onnx' },
    madeBy: producer === '' ? null : producer,
    ...{ inputs: graph.inputs.map(port), outputs: graph.outputs.map(port) },
    notes: [
      `Operator sets: ${sets.join(', ')}.`,
      ...quantizationNote(graph, roles),
      ...shapes.notes,
      ...unknownFlops(graph.nodes, shapes.dimsOf),
    ],
    metadata: [...metadata].map(([key, value]) => ({ key, value: value.slice(0, MOST_TEXT) })),
    ...{ parameters: tree.parameters, flops: tree.flops, rows: tree.rows },
    operators: operatorsOf(graph.nodes, opsets.get('') ?? OPSET),
  };
}

/** Scales and zero points are told apart from what they belong to. */
function quantizationNote(
  { initializers }: Graph,
  roles: ReadonlyMap<string, ConstantRole>,
): readonly string[] {
  const count = (role: ConstantRole): number =>
    [...roles].reduce(
      (sum, [name, each]) => sum + (each === role ? elementCount(initializers.get(name)?.dims ?? []) : 0),
      0,
    );
  const [scales, zeros] = [count('scale'), count('zero point')];
  if (scales + zeros === 0) return [];
  return [
    `Quantized: ${scales} scales and ${zeros} zero points do not count as parameters; the values stored with them do.`,
  ];
}

/** Excludes shapes, indices, and the running statistics of normalizations. Quantized weights are bytes in more than one dimension. */
const isTrained = (type: string, name: string, dims: readonly number[]): boolean =>
  (/float/.test(type) || (/^u?int8$/.test(type) && dims.length > 1)) &&
  !/(^|\.)(running_mean|running_var|num_batches_tracked)$/.test(name);

interface Shapes {
  readonly dimsOf: DimsOf;
  readonly notes: readonly string[];
}

/** For the file's own sizes; where some are open, for assumed ones, with a note. */
function shapesOf(model: Model): Shapes {
  const { inputs } = model.graph;
  const assumed = inputs.filter(({ dims }) => dims?.some((dim) => typeof dim !== 'number') ?? false);
  const dims: InputDims = Object.fromEntries(assumed.map((input) => [input.name, assumedDims(input)]));
  const sizes = assumed.map(({ name }) => `${name} ${(dims[name] ?? []).join(' x ')}`);
  try {
    const known = inferShapes(model, dims, { unknown: 'leave out' });
    return {
      dimsOf: (tensor) => known.get(tensor)?.dims,
      notes:
        sizes.length === 0
          ? []
          : [`Sizes that the file leaves open are assumed for shapes and operations: ${sizes.join('; ')}.`],
    };
  } catch (thrown) {
    const { message } = asLensError(thrown);
    return { dimsOf: () => undefined, notes: [`Shapes and operations are not known: ${message}`] };
  }
}

/** 1 for the batch, the assumed side for the picture's. */
const assumedDims = ({ dims }: ValueInfo): readonly number[] =>
  (dims ?? []).map((dim, axis) => {
    if (typeof dim === 'number') return dim;
    if (axis === 0) return 1;
    return axis === 1 && dims?.length === 4 ? 3 : OPEN_SIDE;
  });

/** The module of each node: as its exporter says, else that of its weights. */
function placed(
  nodes: readonly Node[],
  weights: ReadonlySet<string>,
  dimsOf: DimsOf,
): { readonly nodes: readonly PlacedNode[]; readonly homes: ReadonlyMap<string, readonly string[]> } {
  const homes = new Map<string, readonly string[]>();
  const all = nodes.map((node): PlacedNode => {
    const named = node.inputs.find((input) => weights.has(input) && input.includes('.'));
    const modules = scopeOf(node)?.modules ?? (named === undefined ? [] : modulesOfTensor(named));
    // A shared weight belongs to the first node that reads it.
    for (const input of node.inputs) if (weights.has(input) && !homes.has(input)) homes.set(input, modules);
    return {
      ...{ modules, operator: node.opType, flops: flopsOf(node, dimsOf) },
      shape: dimsOf(node.outputs[0] ?? '') ?? null,
    };
  });
  return { nodes: all, homes };
}

function unknownFlops(nodes: readonly Node[], dimsOf: DimsOf): readonly string[] {
  const names = new Set(nodes.filter((node) => flopsOf(node, dimsOf) === null).map(({ opType }) => opType));
  return names.size === 0 ? [] : [`No sum of operations: those of ${[...names].join(', ')} are not counted.`];
}

function operatorsOf(nodes: readonly Node[], opset: number): readonly OperatorCount[] {
  const counts = new Map<string, OperatorCount>();
  for (const node of nodes) {
    const name =
      node.domain === '' || node.domain === 'ai.onnx' ? node.opType : `${node.domain}.${node.opType}`;
    const count = (counts.get(name)?.count ?? 0) + 1;
    counts.set(name, { name, count, gradient: gradientOf(node, opset) });
  }
  return [...counts.values()].sort((a, b) => b.count - a.count);
}

/** Lowering turns these into operators that have rules. */
function gradientOf(node: Node, opset: number): OperatorCount['gradient'] {
  if (loweringOf(node, opset) !== undefined) return 'passes';
  const standard = node.domain === '' || node.domain === 'ai.onnx';
  const rule = standard ? standardRules.lookup(node.opType, Math.max(opset, OPSET)) : undefined;
  if (rule === undefined) return 'missing';
  return isStop(rule) ? 'ends' : 'passes';
}

const port = ({ name, type, dims, container }: ValueInfo): ModelPort => ({
  name,
  type: container ?? type,
  shape: dims?.map((dim) => dim ?? '?') ?? null,
});

async function ofCheckpoint(path: string, signal: AbortSignal | undefined): Promise<ModelStructure> {
  const checkpoint = await openCheckpoint(path, signal === undefined ? {} : { signal });
  try {
    const { format, stateDict, location, others, unknownNames, skipped } = checkpoint;
    const tensors = [...stateDict.values()].map(({ name, dtype, shape, parameters }): PlacedTensor => ({
      ...{ modules: modulesOfTensor(name), name, type: dtype, shape },
      parameters: isTrained(dtype, name, shape) ? parameters : 0,
    }));
    const tree = moduleRows([], tensors, false);
    const known = recognized(checkpoint, path);
    return {
      ...{ path, bytes: (await stat(checkpoint.path)).size, format, madeBy: known.architecture },
      ...{ inputs: [], outputs: [], metadata: [], operators: [] },
      notes: [
        ...known.notes,
        ...(others.length === 0
          ? []
          : [
              `State dict ${location === '' ? 'of the whole file' : location}; the file also holds ${others.join(', ')}.`,
            ]),
        ...(skipped.length === 0 ? [] : [`Not read: ${skipped.join(', ')}.`]),
        ...(unknownNames.length === 0
          ? []
          : [
              `Python would call these names when it opens the file; Inference Lens neither knows nor calls them: ${unknownNames.join(', ')}.`,
            ]),
      ],
      ...{ parameters: tree.parameters, flops: null, rows: tree.rows },
    };
  } finally {
    await checkpoint.close();
  }
}

function recognized(
  checkpoint: Parameters<typeof fromTensorSource>[0],
  source: string,
): { readonly architecture: string | null; readonly notes: readonly string[] } {
  try {
    const { id, notes } = recognize(fromTensorSource(checkpoint), { source, recognizers });
    return { architecture: id, notes };
  } catch (thrown) {
    if (!(thrown instanceof LensError)) throw thrown;
    return { architecture: null, notes: [`Its network is not known: ${thrown.message}`] };
  }
}
