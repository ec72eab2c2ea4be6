/**
 * The float equivalent without the ranges of its quantized tensors. A range is where a calibration saw values, not a part of the
 * float network: a value beyond it is cut off in the file, and would take the gradient of everything before it along. So the gradient
 * goes straight through rounding and range alike, as in the network that was quantized.
 *
 * One bound does belong to the network: quantizers leave a ReLU or ReLU6 out where the range of what follows does its work
 * (onnxruntime's `QDQRemovableActivation`, TensorFlow Lite's fused activations).
 */
import { float32Tensor, int64Tensor } from '../../onnx/builder';
import type { ConstantTensor, Graph, Model, Node } from '../../onnx/model';
import { dataTypes } from '../../onnx/model';
import { PICKS_ELEMENTS } from '../../onnx/moving';
import { isOwnName, madeFor, ownPrefix } from '../../onnx/own-names';
import { numbersOf } from '../../onnx/typed-data';
import { RANGE } from './real';

/** How much of a float equivalent lies within the ranges that its file quantizes to. */
export interface WithinRanges {
  /** (K) float32: for each quantized tensor, the share of its elements, 0..1. */
  readonly tensor: string;
  /** The file's K quantized tensors; those that only hold elements of others are left out. */
  readonly names: readonly string[];
}

/** The upper bound of ReLU6. */
const SIX = 6;

/** Upper bounds of activations that a range may replace: ReLU6, and a clip to 0..1. */
const OF_ACTIVATIONS: readonly number[] = [1, SIX];

const OF_ROUNDING = 1e-6;

const isClose = (bound: number, high: number): boolean => Math.abs(bound - high) <= OF_ROUNDING * bound;

/** Names that exporters give to what a ReLU6 makes; a quantizer that leaves it out keeps them. */
const RELU6 = /(^|[^a-z])(clip|relu6|hardtanh|clamp)/i;

/** None of their results is negative. */
const NEVER_NEGATIVE: ReadonlySet<string> = new Set([
  ...['Relu', 'Sigmoid', 'HardSigmoid', 'Softmax', 'Softplus', 'Exp', 'Abs', 'Sqrt'],
]);

/** No result is negative where no input is. */
const KEEPS_SIGN: ReadonlySet<string> = new Set([
  ...PICKS_ELEMENTS,
  ...['MaxPool', 'AveragePool', 'GlobalAveragePool', 'GlobalMaxPool', 'Concat', 'Add', 'Mul', 'Clip'],
  ...['ReduceMean', 'ReduceMax', 'ReduceMin', 'ReduceSum'],
]);

/** Their results lie between the least and the greatest element of the first input. */
const KEEPS_RANGE: ReadonlySet<string> = new Set([
  ...PICKS_ELEMENTS,
  ...['MaxPool', 'AveragePool', 'GlobalAveragePool', 'GlobalMaxPool', 'ReduceMean', 'ReduceMax', 'ReduceMin'],
]);

/** Least and greatest value. */
type Bounds = readonly [number, number];

/**
 * @param model with its nodes in topological order
 * @returns `within`: null where the model has no ranges
 */
export function withoutRanges(model: Model): { readonly model: Model; readonly within: WithinRanges | null } {
  const walk = new Ranges(model.graph);
  const nodes = model.graph.nodes.map((node) => walk.opened(node));
  const { shares, names, initializers } = walk;
  const counted = names.length === 0 ? [] : [...walk.counting, nodeOf('Concat', shares, WITHIN, axis(0))];
  return {
    model: { ...model, graph: { ...model.graph, nodes: [...nodes, ...counted], initializers } },
    within: names.length === 0 ? null : { tensor: WITHIN, names },
  };
}

/** No tensor of the file has an own name; those of lowered nodes continue with the file's. */
const WITHIN = `${ownPrefix(0)}ranges/within`;

const nodeOf = (
  opType: string,
  inputs: readonly string[],
  output: string,
  attributes: Node['attributes'] = new Map(),
): Node => ({
  ...{ opType, domain: '', name: '', inputs, outputs: [output], attributes },
});

const axis = (value: number): Node['attributes'] => new Map([['axis', { kind: 'int', value }]]);

/**
 * Of the activation that a range from 0 to `high` replaces. A calibration may have seen none of the greatest
 * values, or have left them out.
 */
function upperBound(tensors: readonly string[], high: number): number | undefined {
  const met = OF_ACTIVATIONS.find((bound) => isClose(bound, high));
  const named = tensors.some((tensor) => RELU6.test(isOwnName(tensor) ? madeFor(tensor) : tensor));
  return met ?? (high < SIX && named ? SIX : undefined);
}

class Ranges {
  readonly names: string[] = [];
  readonly shares: string[] = [];
  readonly counting: Node[] = [];
  readonly initializers: Map<string, ConstantTensor>;
  private readonly positive = new Set<string>();
  /** Of tensors that have been counted, and of what is made of their elements: the range in the file. */
  private readonly counted = new Map<string, Bounds>();

  constructor(given: Graph) {
    this.initializers = new Map(given.initializers);
  }

  opened(node: Node): Node {
    const [x = '', low = '', high = ''] = node.inputs;
    const isRange = node.opType === 'Clip' && isOwnName(low) && low.endsWith(RANGE.low);
    const made = isRange ? this.withoutRange(node, x, this.number(low), this.number(high)) : node;
    const bounds = this.counted.get(x);
    for (const output of made.outputs) {
      if (this.neverNegative(made)) this.positive.add(output);
      if (bounds !== undefined && !isRange && KEEPS_RANGE.has(made.opType)) this.counted.set(output, bounds);
    }
    return made;
  }

  private withoutRange(node: Node, x: string, low: number, high: number): Node {
    const [, least = '', greatest = ''] = node.inputs;
    const floor = low === 0 && !this.positive.has(x);
    const top = floor ? upperBound([x, ...node.outputs], high) : undefined;
    const as = (opType: string, inputs: readonly string[]): Node => ({
      ...node,
      ...{ opType, inputs, attributes: new Map() },
    });
    const before = this.counted.get(x);
    const isCounted = before !== undefined && before[0] >= low && before[1] <= high;
    const isOwn = top !== undefined && isClose(top, high); // what the file cuts off the network does too
    if (!isCounted && !isOwn) this.count(node, x, [floor ? '' : least, greatest]);
    for (const output of node.outputs) this.counted.set(output, [low, high]);
    if (top !== undefined) return as('Clip', [x, least, this.scalar(top)]);
    return floor ? as('Relu', [x]) : as('Identity', [x]);
  }

  /** The share of elements that the range leaves as they are. */
  private count({ outputs: [name = ''] }: Node, x: string, bounds: readonly string[]): void {
    const base = `${WITHIN}/${this.names.length}/`;
    const step = (opType: string, inputs: readonly string[], attributes?: Node['attributes']): string => {
      this.counting.push(nodeOf(opType, inputs, base + opType, attributes));
      return base + opType;
    };
    const same = step('Equal', [x, step('Clip', [x, ...bounds])]);
    const ones = step('Cast', [same], new Map([['to', { kind: 'int', value: dataTypes.float32 }]]));
    const share = step('ReduceMean', [ones], new Map([['keepdims', { kind: 'int', value: 0 }]]));
    this.initializers.set(`${WITHIN}/shape`, int64Tensor([1]));
    this.shares.push(step('Reshape', [share, `${WITHIN}/shape`]));
    this.names.push(isOwnName(name) ? madeFor(name) : name);
  }

  private scalar(value: number): string {
    const name = `${WITHIN}/bound/${value}`;
    this.initializers.set(name, float32Tensor([], [value]));
    return name;
  }

  private neverNegative({ opType, domain, inputs }: Node): boolean {
    if (domain !== '') return false;
    if (NEVER_NEGATIVE.has(opType)) return true;
    if (opType === 'Clip' && inputs[1] !== undefined && this.number(inputs[1]) >= 0) return true;
    const values = PICKS_ELEMENTS.has(opType) || opType.startsWith('Reduce') ? inputs.slice(0, 1) : inputs;
    return KEEPS_SIGN.has(opType) && values.every((input) => this.positive.has(input));
  }

  /** NaN where it is not a constant. */
  private number(name: string): number {
    const tensor = this.initializers.get(name);
    return (tensor === undefined ? null : numbersOf(tensor))?.[0] ?? NaN;
  }
}
