/** Layers of one shape reduced together, and everything that is read of them in one output. */
import type { Emitter } from '../../autodiff/emitter';
import { elementCount } from '../../onnx/model';
import type { DifferentiatedLayer } from '../backward';
import type { ReduceLayers } from '../each-layer';
import { mapElements, reduceLayer, type Stretch } from '../layer';
import { positionsOf } from '../../layers/form';
import type { CamMethod } from '../methods';
import { groupsOf } from './groups';
import { OneOutput } from './one-output';
import { COLUMNS, rowLength, rowStatistics } from './row-statistics';

/** Bytes of the largest layer that is copied beside others: two copies there and back have to cost less than sixteen launches. */
const LIMITS = { largest: 8 << 20, most: Infinity } as const;

/**
 * Maps and statistics of a layer are sixteen nodes, whether there is one layer or ten of them behind each other along the batch, and EfficientNet-B5's
 * 46 layers have 12 shapes. Statistics are taken together of all shapes whose rows are of one length.
 */
export const groupedLayers: ReduceLayers = (emit, layers, batch, methods) => {
  const kindOf = ({ shape, form, gradient }: DifferentiatedLayer): string =>
    JSON.stringify([shape, form, gradient !== null]);
  const groups = groupsOf(layers, kindOf, bytesOf, LIMITS).map((members, index): Group => {
    const [{ form, gradient }] = members;
    const used = gradient === null ? [] : methods;
    const scope = emit.scoped(`lens/shape_${index}/`);
    const full = { ...behindEachOther(scope, members), batch: batch * members.length, form };
    return { scope, members, used, ...reduceLayer(scope, full, used) };
  });
  const output = new OneOutput(emit);
  const maps = new Map<DifferentiatedLayer, Stretch>();
  const weights = new Map<DifferentiatedLayer, Stretch>();
  for (const group of groups) {
    const { scope, members, used } = group;
    const [{ form, gradient }] = members;
    const add = (to: Map<DifferentiatedLayer, Stretch>, tensor: string, each: number): void => {
      const sizes = members.map(() => batch * each);
      output
        .add(scope, tensor, sizes, batch)
        .forEach((stretch, i) => to.set(members[i] ?? members[0], stretch));
    };
    add(maps, group.maps, mapElements(form, used));
    if (gradient !== null) add(weights, group.weights, form.channels);
  }
  const stats = statisticsOf(emit, groups, batch, output);
  const found = layers.map((layer) => ({
    ...{ name: layer.name, shape: layer.shape, form: layer.form, unexplained: layer.unexplained },
    methods: layer.gradient === null ? [] : methods,
    maps: maps.get(layer) as Stretch,
    ...{ stats: stats.get(layer) as Stretch, rowMeans: true },
    weights: weights.get(layer) ?? null,
  }));
  return { layers: found, tensors: output.finish() };
};

interface Group {
  readonly scope: Emitter;
  readonly members: readonly [DifferentiatedLayer, ...DifferentiatedLayer[]];
  readonly used: readonly CamMethod[];
  readonly maps: string;
  readonly weights: string;
  /** (k N, C, P): the activations of k members. */
  readonly planes: string;
}

/** Of one sample, those that count. */
const elementsOf = ({ form }: DifferentiatedLayer): number => form.channels * positionsOf(form);
const bytesOf = ({ shape }: DifferentiatedLayer): number => 4 * elementCount(shape);

/** Tensor and gradient of the layers as if they were one with that many times the batch. */
function behindEachOther(emit: Emitter, [first, ...others]: Group['members']) {
  const join = (of: (layer: DifferentiatedLayer) => string): string =>
    others.length === 0 ? of(first) : emit.concat([first, ...others].map(of), 0);
  const tensor = join((layer) => layer.tensor);
  return { tensor, gradient: first.gradient === null ? tensor : join((layer) => layer.gradient ?? '') };
}

function statisticsOf(
  emit: Emitter,
  groups: readonly Group[],
  batch: number,
  output: OneOutput,
): ReadonlyMap<DifferentiatedLayer, Stretch> {
  const found = new Map<DifferentiatedLayer, Stretch>();
  const lengthOf = ({ members: [first] }: Group): number => rowLength(elementsOf(first));
  const bytes = ({ members }: Group): number => members.reduce((sum, layer) => sum + bytesOf(layer), 0);
  groupsOf(groups, (group) => String(lengthOf(group)), bytes, LIMITS).forEach((alike, index) => {
    const scope = emit.scoped(`lens/rows_${index}/`);
    const length = lengthOf(alike[0]);
    const rows = alike.map(({ planes }) => scope.reshape(planes, [-1, length]));
    const table = rowStatistics(scope, rows.length === 1 ? (rows[0] ?? '') : scope.concat(rows, 0));
    const layers = alike.flatMap(({ members }) => members);
    const sizes = layers.map((layer) => (batch * COLUMNS * elementsOf(layer)) / length);
    output
      .add(scope, table, sizes, batch)
      .forEach((stretch, i) => found.set(layers[i] as DifferentiatedLayer, stretch));
  });
  return found;
}
