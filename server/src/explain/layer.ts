/** Reduces one layer inside the graph: maps and channel weights leave the session, full tensors do not. */
import type { Emitter } from '../autodiff/emitter';
import { float32Tensor } from '../onnx/builder';
import { positionsOf, type LayerForm } from '../layers/form';
import { METHODS, type CamMethod, type LayerTensors } from './methods';

/** Where a float32 output of the graph holds something of a layer: sample after sample, nothing between them. */
export interface Stretch {
  /** The graph's output. */
  readonly tensor: string;
  /** Its element where the first sample begins. */
  readonly from: number;
  /** Elements of each sample. */
  readonly each: number;
}

/** Where the graph's outputs hold what is known of one layer. */
export interface LayerOutputs {
  readonly name: string;
  /** With the batch axis. */
  readonly shape: readonly number[];
  readonly form: LayerForm;
  /** (N, 1 + methods, positions): the activation's channel mean, then each method's map before ReLU. */
  readonly maps: Stretch;
  readonly methods: readonly CamMethod[];
  /**
   * (N, R, 4), of every row of R: sum of squared deviations from the layer's mean, min, max, number of zeros. Rows are as many elements as the
   * kernels of the device take best. With `rowMeans` deviations are from the row's own mean, which is a fifth column.
   */
  readonly stats: Stretch;
  readonly rowMeans: boolean;
  /** (N, C): mean gradient per channel; null where there is no gradient. */
  readonly weights: Stretch | null;
  /** Why there is no gradient, and so no method's map; null where there is one. */
  readonly unexplained: string | null;
}

/** Sample after sample, as `LayerOutputs` lays them out. */
interface ReducedTensors {
  readonly maps: string;
  readonly weights: string;
  /** (N, C, P): the activation, of which statistics are still to be taken. */
  readonly planes: string;
}

/** Elements of the maps of one sample. */
export const mapElements = (form: LayerForm, methods: readonly CamMethod[]): number =>
  (1 + methods.length) * (form.kind === 'map' ? positionsOf(form) : form.channels);

/** A layer before it is reduced. */
export interface FullLayer {
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
  return { maps, weights: meanGradient, planes: layer.activation };
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
