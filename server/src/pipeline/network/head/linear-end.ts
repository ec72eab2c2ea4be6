/**
 * Whether a network ends in a linear layer whose weights by themselves rule out that its outputs are
 * probabilities.
 */
import { attribute } from '../../../onnx/attributes';
import { indexGraph } from '../../../onnx/graph-index';
import type { ConstantTensor, Graph, Node } from '../../../onnx/model';

/** These pass on every element unchanged. */
const SAME_ELEMENTS: ReadonlySet<string> = new Set(['Identity', 'Flatten', 'Reshape', 'Squeeze']);

/** These pick, average or transform features one by one: features that were independent before them still are. */
const ONE_BY_ONE: ReadonlySet<string> = new Set([
  ...SAME_ELEMENTS,
  ...['Dropout', 'Gather', 'Slice', 'Transpose', 'Unsqueeze'],
  ...['AveragePool', 'GlobalAveragePool', 'GlobalMaxPool', 'MaxPool', 'ReduceMean'],
  ...['Clip', 'Elu', 'Gelu', 'HardSwish', 'LeakyRelu', 'Mish', 'PRelu', 'Relu', 'Selu', 'Swish'],
]);

/** Weights of their own make each output something else. */
const FREE: ReadonlySet<string> = new Set([
  'BatchNormalization',
  'Conv',
  'Gemm',
  'LayerNormalization',
  'MatMul',
]);

/** As free as the freest of their operands: residual sums, gates. */
const JOINING: ReadonlySet<string> = new Set(['Add', 'Mul']);

/** Relative to the largest weight: sums of a column below it are zero except for rounding. */
const ROUNDING = 1e-4;

/** Features whose sums are looked at first: two million weights took 0.15 s of CPU time. */
const SAMPLE = 16;

/** How far from 1 a constant sum of outputs has to be. */
const APART = 1e-2;

interface LinearLayer {
  readonly features: string;
  readonly weights: string;
  /** Weights are (classes, features), not (features, classes). */
  readonly transposed: boolean;
  /** Null where nothing is added. */
  readonly bias: string | null;
}

/**
 * The sum of the outputs W x + b is c x + d, with c the sum of each feature's weights and d that of b.
 * Outputs that are probabilities whatever the image have a sum of 1: either c is 0 and d is 1, or, as where W
 * mixes probabilities, all of c are equal and no weight is negative. That holds where the features are free
 * of each other, which the operator that makes them shows. True where neither can be; otherwise the network
 * has to be run to know.
 * @param read the values of a constant; null where they are not float32
 */
export async function endsInLogits(
  graph: Graph,
  outputs: string,
  classes: number,
  read: (name: string, tensor: ConstantTensor) => Promise<Float32Array | null>,
): Promise<boolean> {
  const layer = linearLayer(graph, outputs);
  const tensor = layer === null ? undefined : graph.initializers.get(layer.weights);
  if (layer === null || tensor?.dims.length !== 2 || !areFree(graph, layer.features)) return false;
  const weights = await read(layer.weights, tensor);
  const [rows = 0, columns = 0] = tensor.dims;
  if (weights?.length !== rows * columns || (layer.transposed ? rows : columns) !== classes) return false;
  const biasTensor = layer.bias === null ? null : graph.initializers.get(layer.bias);
  const bias = layer.bias === null || biasTensor == null ? null : await read(layer.bias, biasTensor);
  if (layer.bias !== null && bias?.length !== classes) return false;
  const added = Array.from(bias ?? []).reduce((a, b) => a + b, 0);
  const size = { rows, columns, transposed: layer.transposed };
  // Different sums of a few features suffice; equal ones have to hold for all.
  return differ(sumsOf(weights, size, SAMPLE), added) || isNoMixture(sumsOf(weights, size), added);
}

interface Sums {
  /** Of each feature's weights over the classes. */
  readonly columns: Float64Array;
  readonly least: number;
  /** In size. */
  readonly largest: number;
}

/** @param features how many to sum, the first ones */
function sumsOf(
  weights: Float32Array,
  { rows, columns, transposed }: { rows: number; columns: number; transposed: boolean },
  features = Infinity,
): Sums {
  const [height, width] = transposed
    ? [rows, Math.min(columns, features)]
    : [Math.min(rows, features), columns];
  const sums = new Float64Array(transposed ? width : height);
  let least = 0;
  let largest = 0;
  for (let row = 0; row < height; row++)
    for (let column = 0, at = row * columns; column < width; column++, at++) {
      const weight = weights[at] ?? 0;
      const feature = transposed ? column : row;
      sums[feature] = (sums[feature] ?? 0) + weight;
      if (weight < least) least = weight;
      if (Math.abs(weight) > largest) largest = Math.abs(weight);
    }
  return { columns: sums, least, largest };
}

/** Whether some weight is negative and not all sums are equal. */
function differ({ columns, least, largest }: Sums, bias: number): boolean {
  const { low, high } = rangeOf(columns);
  return least < 0 && Number.isFinite(low + high + bias) && high - low > ROUNDING * largest;
}

function isNoMixture(sums: Sums, bias: number): boolean {
  if (differ(sums, bias)) return true;
  const { low, high } = rangeOf(sums.columns);
  if (sums.least >= 0 || !Number.isFinite(low + high + bias)) return false;
  const zero = ROUNDING * sums.largest;
  return Math.max(Math.abs(low), Math.abs(high)) <= zero && Math.abs(bias - 1) > APART;
}

function rangeOf(values: Float64Array): { readonly low: number; readonly high: number } {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
  return { low, high };
}

/** Whether features may take any values, each by itself. Probabilities, their complements and constants do not. */
function areFree(graph: Graph, features: string): boolean {
  const index = indexGraph(graph);
  const seen = new Set<string>();
  const waiting = [features];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const node = seen.has(name) ? undefined : index.producerOf(name);
    seen.add(name);
    if (node === undefined || node.domain !== '') continue;
    if (FREE.has(node.opType)) return true;
    if (ONE_BY_ONE.has(node.opType)) waiting.push(node.inputs[0] ?? '');
    else if (JOINING.has(node.opType)) waiting.push(...node.inputs);
  }
  return false;
}

function linearLayer(graph: Graph, outputs: string): LinearLayer | null {
  const index = indexGraph(graph);
  let node = index.producerOf(outputs);
  while (node !== undefined && node.domain === '' && SAME_ELEMENTS.has(node.opType))
    node = index.producerOf(node.inputs[0] ?? '');
  if (node === undefined || node.domain !== '') return null;
  const isFixed = (name: string | undefined): name is string => graph.initializers.has(name ?? '');
  const [a = '', b = '', c = ''] = node.inputs;
  if (node.opType === 'Gemm') return isPlain(node) && isFixed(b) ? ofGemm(node, a, b, c) : null;
  if (node.opType === 'MatMul')
    return isFixed(b) ? { features: a, weights: b, transposed: false, bias: null } : null;
  if (node.opType !== 'Add') return null;
  const [product, bias] = isFixed(b) ? [a, b] : [b, a];
  const matMul = index.producerOf(product);
  const [features = '', weights] = matMul?.inputs ?? [];
  const fits = matMul?.opType === 'MatMul' && matMul.domain === '' && isFixed(weights) && isFixed(bias);
  return fits ? { features, weights, transposed: false, bias } : null;
}

const ofGemm = (node: Node, features: string, weights: string, bias: string): LinearLayer => ({
  features,
  weights,
  transposed: attribute(node, 'transB', 'int') === 1,
  bias: bias === '' ? null : bias,
});

/** Without factors of its own. */
const isPlain = (gemm: Node): boolean =>
  (attribute(gemm, 'alpha', 'float') ?? 1) === 1 && (attribute(gemm, 'beta', 'float') ?? 1) === 1;
