/** A random graph under construction: float32 tensors of known shape, and choices among them. */
import {
  float32Tensor,
  GraphBuilder,
  int64Tensor,
  type AttributeInput,
} from '../../../server/src/onnx/builder';
import { LensError } from '../../../server/src/errors';
import type { ConstantTensor, Model } from '../../../server/src/onnx/model';
import { elementCount } from '../../../server/src/onnx/model';
import { inferShapes } from '../../../server/src/onnx/shapes';
import type { Tensor } from '../../../server/src/runtime/session';
import type { Random } from '../random';

export interface Value {
  readonly name: string;
  readonly dims: readonly number[];
}

/** Larger tensors make a case slow without making it harder. */
const MAX_ELEMENTS = 600;

export class Draft {
  private readonly graph = new GraphBuilder('random');
  /** Every float32 tensor so far. */
  private readonly values: Value[] = [];
  private readonly read = new Set<string>();

  constructor(
    readonly random: Random,
    readonly opset: number,
  ) {}

  chance(oneIn: number): boolean {
    return this.random.below(oneIn) === 0;
  }

  /** From `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + this.random.below(high - low + 1);
  }

  list(length: number, low: number, high: number): number[] {
    return Array.from({ length }, () => this.between(low, high));
  }

  /** A shape of the given rank, of few elements. */
  shape(rank: number): number[] {
    return this.list(rank, 1, rank > 4 ? 3 : rank > 2 ? 5 : 7);
  }

  /** A tensor made before of which `fits` holds, or a new input of the graph. */
  value(fits: (dims: readonly number[]) => boolean, fresh: () => readonly number[]): Value {
    const known = this.values.filter(({ dims }) => fits(dims));
    if (known.length > 0 && !this.chance(4)) return this.random.pick(known);
    return this.input(fresh());
  }

  ofRank(...ranks: readonly number[]): Value {
    return this.value(
      (dims) => ranks.includes(dims.length) && !dims.includes(0),
      () => this.shape(this.random.pick(ranks)),
    );
  }

  any(): Value {
    return this.ofRank(4, 4, 4, 3, 2, 5, 1);
  }

  input(dims: readonly number[]): Value {
    const value = { name: this.graph.input(this.graph.free('x'), 'float32', dims), dims };
    this.values.push(value);
    return value;
  }

  /** A parameter of this shape: mostly constant, else something that may depend on the inputs. */
  parameter(dims: readonly number[], low = -1, high = 1): string {
    if (this.chance(3)) {
      const same = (other: readonly number[]): boolean => other.join() === dims.join();
      if (low === -1) return this.value(same, () => dims).name;
      return this.within(
        this.value(same, () => dims),
        low,
        high,
      ).name;
    }
    const values = Array.from(
      { length: elementCount(dims) },
      () => low + (this.random.below(1001) / 1000) * (high - low),
    );
    return this.constant(float32Tensor(dims, values));
  }

  /** A tensor squeezed smoothly into a range. */
  within(value: Value, low: number, high: number): Value {
    const squeezed = this.node('Sigmoid', [value.name])[0] as Value;
    const scaled = this.node('Mul', [squeezed.name, this.scalar(high - low)])[0] as Value;
    return this.node('Add', [scaled.name, this.scalar(low)])[0] as Value;
  }

  scalar(value: number): string {
    return this.constant(float32Tensor([], [value]));
  }

  ints(...values: readonly number[]): string {
    return this.constant(int64Tensor(values));
  }

  constant(tensor: ConstantTensor): string {
    return this.graph.constant('c', tensor);
  }

  /** Appends a node and returns its float32 outputs, whose shapes are inferred. */
  node(
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, AttributeInput>> = {},
    outputs = 1,
  ): readonly Value[] {
    const names = Array.from({ length: outputs }, (_, i) => this.graph.free(`${opType.toLowerCase()}_${i}_`));
    this.graph.nodeWithOutputs(opType, inputs, attributes, names);
    for (const input of inputs) this.read.add(input);
    const known = inferShapes(this.graph.model({}, this.opset), {}, { unknown: 'leave out' });
    const made = names.flatMap((name) => {
      const info = known.get(name);
      return info?.type === 'float32' ? [{ name, dims: info.dims }] : [];
    });
    this.values.push(...made.filter(({ dims }) => elementCount(dims) <= MAX_ELEMENTS));
    return made;
  }

  /** A node with one output that is not float32; its name. */
  comparison(opType: string, inputs: readonly string[]): string {
    const name = this.graph.node(opType, inputs, {}, this.graph.free(`${opType.toLowerCase()}_`));
    for (const input of inputs) this.read.add(input);
    return name;
  }

  /** The model, whose outputs are the float32 tensors that nothing reads. */
  model(): Model {
    const known = this.inferred();
    const made = new Set(this.graph.graph().nodes.flatMap(({ outputs }) => outputs));
    for (const name of made) {
      const type = known?.get(name)?.type ?? 'float32';
      if (!this.read.has(name) && type === 'float32') this.graph.output(name, type, null);
    }
    return this.graph.model({}, this.opset);
  }

  /** Null where the last node contradicts its inputs, which the runtime is then to find too. */
  private inferred(): ReturnType<typeof inferShapes> | null {
    try {
      return inferShapes(this.graph.model({}, this.opset), {}, { unknown: 'leave out' });
    } catch (thrown) {
      if (thrown instanceof LensError) return null;
      throw thrown;
    }
  }
}

/** Values for a model's float32 inputs, in -2..2 and a multiple of nothing, so that kinks and ties are unlikely. */
export function feedsFor(model: Model, random: Random): Record<string, Tensor> {
  return Object.fromEntries(
    model.graph.inputs.map(({ name, dims }) => {
      const sizes = (dims ?? []).map(Number);
      const data = Float32Array.from(
        { length: elementCount(sizes) },
        () => (random.below(1_000_003) / 1_000_003) * 4 - 2,
      );
      return [name, { type: 'float32', dims: sizes, data }];
    }),
  );
}
