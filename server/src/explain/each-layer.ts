/** Every layer reduced by itself, with outputs of its own: the explain graph for the CPU. */
import type { Emitter } from '../autodiff/emitter';
import { positionsOf, type LayerForm } from '../layers/form';
import type { DifferentiatedLayer } from './backward';
import { rowDots } from './dots';
import { mapElements, reduceLayer, type LayerOutputs, type Stretch } from './layer';
import type { CamMethod } from './methods';

/** Layers as they are found in the results, and the tensors that the graph has to output for that. */
export interface ReducedLayers {
  readonly layers: readonly LayerOutputs[];
  readonly tensors: readonly string[];
}

export type ReduceLayers = (
  emit: Emitter,
  layers: readonly DifferentiatedLayer[],
  batch: number,
  methods: readonly CamMethod[],
) => ReducedLayers;

export const reduceEach: ReduceLayers = (emit, layers, batch, methods) => {
  const tensors: string[] = [];
  const at = (tensor: string, each: number): Stretch => {
    tensors.push(tensor);
    return { tensor, from: 0, each };
  };
  const reduced = layers.map(({ name, shape, tensor, gradient, form, unexplained }): LayerOutputs => {
    const used = gradient === null ? [] : methods;
    const scope = emit.scoped(`lens/${name}/`);
    const full = { tensor, gradient: gradient ?? tensor, batch, form };
    const { maps, weights, planes } = reduceLayer(scope, full, used);
    return {
      ...{ name, shape, form, methods: used, rowMeans: false, unexplained },
      maps: at(maps, mapElements(form, used)),
      stats: at(statistics(scope, planes, maps, batch, form), 4 * rowsOf(form)),
      weights: gradient === null ? null : at(weights, form.channels),
    };
  });
  return { layers: reduced, tensors };
};

/** Most elements of a row of the statistics: fewer, longer rows than one for each channel take less time, but longer rows sum less exactly. */
const LONGEST_ROW = 2048;

/** Rows of whole channels. */
function rowsOf(form: LayerForm): number {
  const { channels } = form;
  const positions = positionsOf(form);
  for (let rows = 1; rows < channels; rows++)
    if (channels % rows === 0 && (channels / rows) * positions <= LONGEST_ROW) return rows;
  return channels;
}

/**
 * Deviations are squared after the mean is subtracted: the difference of two large sums would lose the digits of a small
 * spread. The mean is that of the channel means, the first of the maps. The rows are combined outside the graph, where
 * they are few numbers: inside, every step would be an operator of its own.
 */
function statistics(emit: Emitter, planes: string, maps: string, batch: number, form: LayerForm): string {
  const rows = rowsOf(form);
  const length = (form.channels * positionsOf(form)) / rows;
  const activation = emit.reshape(planes, [batch * rows, 1, length]);
  const deviations = emit.sub(activation, meanOfMaps(emit, maps, batch, rows));
  const zeros = emit.cast(emit.op('Equal', [activation, emit.scalar(0, 'float32')]), 'float32');
  const parts = [
    rowDots(emit, deviations, deviations),
    emit.reduce('ReduceMin', activation, [2]),
    emit.reduce('ReduceMax', activation, [2]),
    emit.reduce('ReduceSum', zeros, [2]),
  ];
  return emit.concat(parts, 1);
}

/** The mean of each sample's first map, as it broadcasts to (N R, 1, L). */
function meanOfMaps(emit: Emitter, maps: string, batch: number, rows: number): string {
  const mean = emit.slice(emit.reduce('ReduceMean', maps, [2]), [1], [0], [1]);
  return batch === 1 ? mean : emit.reshape(emit.expand(mean, [batch, rows, 1]), [batch * rows, 1, 1]);
}
