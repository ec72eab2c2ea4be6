/**
 * The float equivalent without the ranges of its quantized tensors. A range is where a calibration saw values, not a part of the
 * float network: a value beyond it is cut off in the file, and would take the gradient of everything before it along. So the gradient
 * goes straight through rounding and range alike, as in the network that was quantized.
 *
 * One bound does belong to the network: quantizers leave a ReLU or ReLU6 out where the range of what follows does its work
 * (onnxruntime's `QDQRemovableActivation`, TensorFlow Lite's fused activations).
 */
import { float, float32Tensor, int64Tensor } from '../../onnx/builder';
import type { ConstantTensor, Graph, Model, Node } from '../../onnx/model';
import { PICKS_ELEMENTS } from '../../onnx/moving';
import { isOwnName, madeFor, ownPrefix } from '../../onnx/own-names';
import { numbersOf } from '../../onnx/typed-data';
import { RANGE } from './real';

/** How much of a float equivalent lies beyond the ranges that its file quantizes to. */
export interface BeyondRanges {
  /** (1, S, 1, 1) float32: shares of elements, 0..1, one after another for each part of each quantized tensor. */
  readonly tensor: string;
  /** The file's quantized tensors; those that only hold elements of others are left out. */
  readonly counted: readonly CountedTensor[];
}

export interface CountedTensor {
  readonly name: string;
  /** Number of equal parts (channels, or all of it) that have a share each. */
  readonly parts: number;
  /** 1 where a tensor can lie beyond the upper end alone; 2 where the shares beyond the lower end follow. */
  readonly ends: 1 | 2;
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

/** Of which tensors the dimensions are known. */
interface Facts {
  factsOf(tensor: string): { readonly dims: readonly number[] } | undefined;
}

/**
 * @param model with its nodes in topological order
 * @returns `beyond`: null where the model has no ranges
 */
export function withoutRanges(
  model: Model,
  facts: Facts,
): { readonly model: Model; readonly beyond: BeyondRanges | null } {
  const walk = new Ranges(model.graph, facts);
  const opened = model.graph.nodes.map((node) => walk.opened(node));
  const { shares, counted, counting, initializers } = walk;
  const some = counted.length > 0;
  const nodes = some ? [...opened, ...counting, nodeOf('Concat', shares, BEYOND, axis(1))] : opened;
  return {
    model: { ...model, graph: { ...model.graph, nodes, initializers } },
    beyond: some ? { tensor: BEYOND, counted } : null,
  };
}

/** No tensor of the file has an own name; those of lowered nodes continue with the file's. */
const BEYOND = `${ownPrefix(0)}ranges/beyond`;

/** (N, C, H, W). */
const IMAGE_RANK = 4;

/** Makes 1 or more of every difference that is not 0, of bounds above 2^-40. */
const STEEP = 2 ** 64;

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
  readonly counted: CountedTensor[] = [];
  readonly shares: string[] = [];
  readonly counting: Node[] = [];
  readonly initializers: Map<string, ConstantTensor>;
  private readonly positive = new Set<string>();
  /** Of tensors that have been counted, and of what is made of their elements: the range in the file. */
  private readonly ranges = new Map<string, Bounds>();

  constructor(
    given: Graph,
    private readonly facts: Facts,
  ) {
    this.initializers = new Map(given.initializers);
  }

  opened(node: Node): Node {
    const [x = '', low = '', high = ''] = node.inputs;
    const isRange = node.opType === 'Clip' && isOwnName(low) && low.endsWith(RANGE.low);
    const made = isRange ? this.withoutRange(node, x, this.number(low), this.number(high)) : node;
    const bounds = this.ranges.get(x);
    for (const output of made.outputs) {
      if (this.neverNegative(made)) this.positive.add(output);
      if (bounds !== undefined && !isRange && KEEPS_RANGE.has(made.opType)) this.ranges.set(output, bounds);
    }
    return made;
  }

  private withoutRange(node: Node, x: string, low: number, high: number): Node {
    const [, least = ''] = node.inputs;
    const floor = low === 0 && !this.positive.has(x);
    const top = floor ? upperBound([x, ...node.outputs], high) : undefined;
    const as = (opType: string, inputs: readonly string[]): Node => ({
      ...node,
      ...{ opType, inputs, attributes: new Map() },
    });
    const before = this.ranges.get(x);
    const isCounted = before !== undefined && before[0] >= low && before[1] <= high;
    const isOwn = top !== undefined && isClose(top, high); // what the file cuts off the network does too
    if (!isCounted && !isOwn) this.count(node, x, [floor ? null : low, high]);
    for (const output of node.outputs) this.ranges.set(output, [low, high]);
    if (top !== undefined) return as('Clip', [x, least, this.scalar(top)]);
    return floor ? as('Relu', [x]) : as('Identity', [x]);
  }

  /**
   * The share of elements beyond each end: a mask of ones, and its mean. Beyond the upper end alone the result is counted, since
   * an activation that reads x by itself is fused with the convolution before it; both steps exist in the runtime's blocked layout.
   * @param bounds without the lower one where nothing is cut off there
   */
  private count(
    { outputs: [result = ''] }: Node,
    x: string,
    [low, high]: readonly [number | null, number],
  ): void {
    const from = low === null ? result : x;
    const dims = this.facts.factsOf(x)?.dims ?? [];
    const isImage = dims.length === IMAGE_RANK;
    const masks = [[STEEP, high] as const, ...(low === null ? [] : [[-STEEP, low] as const])];
    for (const [slope, bound] of masks) {
      const base = `${BEYOND}/${this.shares.length}/`;
      const step = (opType: string, inputs: readonly string[], attributes?: Node['attributes']): string => {
        this.counting.push(nodeOf(opType, inputs, base + opType, attributes));
        return base + opType;
      };
      const line = { alpha: float(slope), beta: float(-slope * bound) };
      const mask = step('HardSigmoid', [from], new Map(Object.entries(line)));
      if (isImage) this.shares.push(step('GlobalAveragePool', [mask]));
      else this.shares.push(step('Reshape', [step('ReduceMean', [mask]), this.single()]));
    }
    const name = isOwnName(result) ? madeFor(result) : result;
    this.counted.push({ name, parts: isImage ? (dims[1] ?? 1) : 1, ends: low === null ? 1 : 2 });
  }

  /** The shape (1, 1, 1, 1). */
  private single(): string {
    const name = `${BEYOND}/single`;
    this.initializers.set(name, int64Tensor([1, 1, 1, 1]));
    return name;
  }

  private scalar(value: number): string {
    const name = `${BEYOND}/bound/${value}`;
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
