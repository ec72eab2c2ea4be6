/** Reduces one layer inside the graph: maps, statistics and channel weights leave the session, full tensors do not. */
import type { Emitter } from '../autodiff/emitter';
import { float32Tensor } from '../onnx/builder';
import { positionsOf, type LayerForm } from '../layers/form';
import { rowDots } from './dots';
import { METHODS, type CamMethod, type LayerTensors } from './methods';

/** Names of the graph outputs of one layer. */
export interface LayerOutputs {
  readonly name: string;
  /** With the batch axis. */
  readonly shape: readonly number[];
  readonly form: LayerForm;
  /** (N, 1 + methods, positions): the activation's channel mean, then each method's map before ReLU. */
  readonly maps: string;
  readonly methods: readonly CamMethod[];
  /** (N R, 4, 1), of every row of `RowSums`: sum of squared deviations from the layer's mean, min, max, number of zeros. */
  readonly stats: string;
  /** (N, C), with axes of size 1 after it: mean gradient per channel; null where there is no gradient. */
  readonly weights: string | null;
  /** Why there is no gradient, and so no method's map; null where there is one. */
  readonly unexplained: string | null;
}

interface ReducedTensors {
  readonly maps: string;
  readonly stats: string;
  readonly weights: string;
}

/** A layer before it is reduced. */
interface FullLayer {
  readonly tensor: string;
  /** dL/d tensor, of the same shape. */
  readonly gradient: string;
  readonly batch: number;
  readonly form: LayerForm;
}

/** Emits the reductions of one layer and returns the tensors to output. */
export function reduceLayer(
  emit: Emitter,
  { tensor: activation, gradient, batch, form }: FullLayer,
  methods: readonly CamMethod[],
  sums: RowSums,
): ReducedTensors {
  const { channels } = form;
  const flatGradient = planesOf(emit, gradient, batch, form);
  const layer = layerTensors(
    emit,
    planesOf(emit, activation, batch, form),
    flatGradient,
    meanOf(emit, gradient, flatGradient, form),
  );
  const { meanGradient } = layer;
  const maps =
    form.kind === 'map'
      ? planeMaps(layer, batch, form, methods)
      : vectorMaps(layer, batch, methods, channels);
  return {
    maps,
    stats: statistics(layer, maps, batch, form, sums),
    weights: meanGradient,
  };
}

/** (N, C, P) whatever the tensor's axes are: of tokens only those of the grid. */
export function planesOf(emit: Emitter, tensor: string, batch: number, form: LayerForm): string {
  const positions = positionsOf(form);
  const flat = [batch, form.channels, positions] as const;
  const { axes = 'NCHW', skipped = 0 } = form.kind === 'map' ? form : {};
  switch (axes) {
    case 'NCHW':
      return emit.reshape(tensor, flat);
    case 'NHWC':
      return emit.transpose(emit.reshape(tensor, [batch, positions, form.channels]), [0, 2, 1]);
    case 'NTC':
      return emit.transpose(emit.slice(tensor, [1], [skipped], [skipped + positions]), [0, 2, 1]);
    case 'NCT':
      return emit.slice(tensor, [2], [skipped], [skipped + positions]);
  }
}

/** Mean over positions, (N, C), with axes of size 1 behind; of a vector the gradient itself. */
function meanOf(emit: Emitter, gradient: string, flat: string, form: LayerForm): string {
  if (form.kind === 'vector') return flat;
  if ((form.axes ?? 'NCHW') !== 'NCHW') return emit.reduce('ReduceMean', flat, [2]);
  return emit.op('GlobalAveragePool', [gradient]);
}

function layerTensors(
  emit: Emitter,
  activation: string,
  gradient: string,
  meanGradient: string,
): LayerTensors {
  let product: string | undefined;
  return {
    emit,
    activation,
    gradient,
    meanGradient,
    sumPositions: (tensor) => emit.reduce('ReduceSum', tensor, [2]),
    product: () => (product ??= emit.mul(gradient, activation)),
  };
}

/**
 * Every map that weighs channels is a row of one matrix product, [1/C; w; w'; ...] A, which reads A once; the first row
 * is the channel mean.
 */
function planeMaps(
  layer: LayerTensors,
  batch: number,
  { channels }: LayerForm,
  methods: readonly CamMethod[],
): string {
  const { emit } = layer;
  const mean = emit.shared(`constant/mean/${batch}/${channels}`, () =>
    float32Tensor([batch, 1, channels], new Float32Array(batch * channels).fill(1 / channels)),
  );
  const weighted: string[] = [mean];
  const rows: string[] = [];
  const order: ('mean' | CamMethod)[] = ['mean'];
  const elementOrder: CamMethod[] = [];
  for (const name of methods) {
    const method = METHODS[name];
    if (method.kind === 'channels') {
      weighted.push(emit.reshape(method.weights(layer), [batch, 1, channels]));
      order.push(name);
    } else {
      rows.push(emit.reduce('ReduceSum', method.terms(layer), [1]));
      elementOrder.push(name);
    }
  }
  const product = emit.op('MatMul', [emit.concat(weighted, 1), layer.activation]);
  const all = rows.length === 0 ? product : emit.concat([product, ...rows], 1);
  return reorder(emit, all, [...order, ...elementOrder], ['mean', ...methods]);
}

/** Brings rows that were computed by kind into the order of the requested methods. */
function reorder(emit: Emitter, maps: string, from: readonly string[], to: readonly string[]): string {
  if (to.every((name, i) => from[i] === name)) return maps;
  return emit.op('Gather', [maps, emit.ints(to.map((name) => from.indexOf(name)))], { axis: 1 });
}

/** A vector's maps are its products without the sum over channels; the first row is the vector itself. */
function vectorMaps(
  layer: LayerTensors,
  batch: number,
  methods: readonly CamMethod[],
  channels: number,
): string {
  const { emit } = layer;
  const rows = methods.map((name) => {
    const method = METHODS[name];
    return method.kind === 'channels'
      ? emit.mul(method.weights(layer), layer.activation)
      : method.terms(layer);
  });
  return emit.concat(
    [layer.activation, ...rows].map((row) => emit.reshape(row, [batch, 1, channels])),
    1,
  );
}

/** How a layer's statistics are summed, row by row, which depends on the kernels that run it. */
export interface RowSums {
  /** Number of rows, a divisor of the layer's number of elements. */
  rowsOf(form: LayerForm): number;
  /** The sum of the squares of each row: (R, 1, L) to (R, 1, 1). */
  squares(emit: Emitter, rows: string): string;
}

/** Most elements of a row of the statistics: fewer, longer rows than one for each channel take less time, but longer rows sum less exactly. */
const LONGEST_ROW = 2048;

/** On the CPU: rows of whole channels. */
export const channelSums: RowSums = {
  rowsOf(form) {
    const { channels } = form;
    const positions = positionsOf(form);
    for (let rows = 1; rows < channels; rows++)
      if (channels % rows === 0 && (channels / rows) * positions <= LONGEST_ROW) return rows;
    return channels;
  },
  squares: (emit, rows) => rowDots(emit, rows, rows),
};

/**
 * Deviations are squared after the mean is subtracted: the difference of two large sums would lose the digits of a small
 * spread. The mean is that of the channel means, the first of the maps. The rows are combined outside the graph, where
 * they are few numbers: inside, every step would be an operator of its own.
 */
function statistics(
  { emit, activation: planes }: LayerTensors,
  maps: string,
  batch: number,
  form: LayerForm,
  sums: RowSums,
): string {
  const rows = sums.rowsOf(form);
  const length = (form.channels * positionsOf(form)) / rows; // whole: rows divide the elements, not always the channels
  const activation = emit.reshape(planes, [batch * rows, 1, length]);
  const deviations = emit.sub(activation, meanOfMaps(emit, maps, batch, rows));
  const zeros = emit.cast(emit.op('Equal', [activation, emit.scalar(0, 'float32')]), 'float32');
  const parts = [
    sums.squares(emit, deviations),
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
