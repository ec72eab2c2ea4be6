/** Checks a rule against central differences: one node, random inputs, a random projection of its outputs. */
import assert from 'node:assert/strict';
import { appendGradients } from '../../../server/src/autodiff/driver';
import {
  float32Tensor,
  GraphBuilder,
  int64Tensor,
  type AttributeInput,
} from '../../../server/src/onnx/builder';
import { elementCount, type ConstantTensor, type Model, type Node } from '../../../server/src/onnx/model';
import { numbersOf } from '../../../server/src/onnx/typed-data';
import { encodeModel } from '../../../server/src/onnx/write';
import { createSession } from '../../../server/src/runtime/onnxruntime';
import type { Session, Tensor } from '../../../server/src/runtime/session';
import { generator, seedOf, testSeed } from './random';

/** A differentiable input: random in `range`, at least `margin` away from the values in `avoid`, or all distinct. */
export interface Variable {
  readonly shape: readonly number[];
  readonly range?: readonly [number, number];
  readonly avoid?: readonly number[];
  /** No two elements closer than ten steps: for maxima. */
  readonly distinct?: boolean;
}

export type Operand = Variable | ConstantTensor | null;

export interface GradientCase {
  readonly op: string;
  readonly name: string;
  /** Opsets at which the case runs; 17 unless given. */
  readonly opsets?: readonly number[];
  /** null omits an optional input. */
  readonly inputs: readonly Operand[];
  readonly attributes?: Readonly<Record<string, AttributeInput>>;
  /** Names of the outputs; those that are not listed in `loss` are ignored. */
  readonly outputs?: number;
  /** Outputs that the loss projects; all unless given. */
  readonly loss?: readonly number[];
  /** Outputs that hold positions. */
  readonly indices?: readonly number[];
  /** Inputs by index whose gradient must be absent, since nothing changes with them. */
  readonly flat?: readonly number[];
  /** The outputs are not float: cast them before projecting; the gradient must be absent. */
  readonly stops?: boolean;
}

export const variable = (shape: readonly number[], extra: Omit<Variable, 'shape'> = {}): Variable => ({
  shape,
  ...extra,
});
export const ints = (...values: number[]): ConstantTensor => int64Tensor(values);
export const index = (value: number): ConstantTensor => int64Tensor([value], []);
export const floats = (dims: readonly number[], ...values: number[]): ConstantTensor =>
  float32Tensor(dims, values);

/** Step of the five-point stencil: its error is h^4/30 f''''' against float32 noise of about 1e-7/h. */
const H = 2 ** -5;
const TOLERANCE = 5e-4;

interface Built {
  readonly builder: GraphBuilder;
  readonly node: Node;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

function build(gradientCase: GradientCase): Built {
  const builder = new GraphBuilder('case');
  const names = gradientCase.inputs.map((operand, i) => {
    if (operand === null) return '';
    return isVariable(operand)
      ? builder.input(`x${i}`, 'float32', operand.shape)
      : builder.initializer(`c${i}`, operand);
  });
  const outputs = Array.from({ length: gradientCase.outputs ?? 1 }, (_, i) => `y${i}`);
  builder.nodeWithOutputs(gradientCase.op, names, gradientCase.attributes ?? {}, outputs);
  const node = builder.graph().nodes[0]!;
  return {
    builder,
    node,
    inputs: names.filter((_, i) => isVariable(gradientCase.inputs[i] ?? null)),
    outputs,
  };
}

export const isVariable = (operand: Operand): operand is Variable => operand !== null && 'shape' in operand;

function draw(spec: Variable, random: () => number): Float32Array {
  const [low, high] = spec.range ?? [-2, 2];
  const count = elementCount(spec.shape);
  if (spec.distinct) {
    const values = Float32Array.from({ length: count }, (_, i) => (i - count / 2) * 10 * H);
    for (let i = count - 1; i > 0; i--) {
      const j = Math.floor(random() * (i + 1));
      [values[i], values[j]] = [values[j]!, values[i]!];
    }
    return values;
  }
  return Float32Array.from({ length: count }, () => {
    for (;;) {
      const value = low + (high - low) * random();
      if ((spec.avoid ?? []).every((kink) => Math.abs(value - kink) > 3 * H)) return value;
    }
  });
}

const open = (model: Model): Promise<Session> =>
  createSession(encodeModel(model), { provider: 'cpu', threads: 1, optimization: 'disabled' });

const tensor = (dims: readonly number[], data: Float32Array): Tensor => ({ type: 'float32', dims, data });

/** Runs the case at one opset; throws an AssertionError that names the seed, the input and the element. */
export async function checkGradient(gradientCase: GradientCase, opset: number): Promise<void> {
  const label = `${gradientCase.op} (${gradientCase.name}, opset ${opset}, LENS_TEST_SEED=${testSeed})`;
  const random = generator(seedOf(gradientCase.op + gradientCase.name));
  const { builder, node, inputs, outputs } = build(gradientCase);
  const visible = outputs.map((output) =>
    gradientCase.stops ? builder.node('Cast', [output], { to: 1 }) : output,
  );
  const projected = gradientCase.loss?.map((i) => visible[i]!) ?? visible;
  visible.forEach((output, i) => {
    builder.output(output, gradientCase.indices?.includes(i) ? 'int64' : 'float32', null);
  });
  const forward = await open(builder.model({}, opset));

  const specs = gradientCase.inputs.filter((operand) => isVariable(operand));
  const values = specs.map((spec) => draw(spec, random));
  const feeds = Object.fromEntries(inputs.map((name, i) => [name, tensor(specs[i]!.shape, values[i]!)]));
  const base = await forward.run(feeds);
  const cotangents = new Map(
    projected.map((name) => {
      const { dims } = base[name]!;
      return [
        name,
        tensor(
          dims,
          Float32Array.from({ length: elementCount(dims) }, () => 2 * random() - 1),
        ),
      ];
    }),
  );
  /** L = sum of cotangent * output, in double precision. */
  const loss = async (): Promise<number> => {
    const results = await forward.run(feeds);
    let sum = 0;
    for (const [name, { data: weights }] of cotangents) {
      const data = results[name]!.data;
      for (let i = 0; i < data.length; i++) sum += Number(data[i]) * Number(weights[i]);
    }
    return sum;
  };

  const analytic = await gradients(gradientCase, opset, feeds, base, cotangents);
  for (const [k, name] of inputs.entries()) {
    const x = values[k]!;
    const gradient = analytic.get(name);
    const isFlat = gradientCase.flat?.some((i) => name === `x${i}`) ?? false;
    if (gradientCase.stops || isFlat)
      assert.equal(gradient, undefined, `${label}: ${name} must receive no gradient`);
    else assert.ok(gradient, `${label}: ${name} received no gradient`);
    if (gradient) assert.deepEqual(gradient.dims, specs[k]!.shape, `${label}: shape of d${name}`);
    const scale = Math.max(
      1,
      ...Array.from(gradient?.data ?? [], (g: number | bigint) => Math.abs(Number(g))),
    );
    for (let i = 0; i < x.length; i++) {
      const at = x[i]!;
      const probe = async (offset: number): Promise<number> => {
        x[i] = at + offset;
        return loss();
      };
      const numeric =
        (8 * ((await probe(H)) - (await probe(-H))) - ((await probe(2 * H)) - (await probe(-2 * H)))) /
        (12 * H);
      x[i] = at;
      const found = Number(gradient?.data[i] ?? 0);
      assert.ok(
        Math.abs(found - numeric) <= TOLERANCE * scale,
        `${label}: dL/d${name}[${i}] is ${found}, central differences give ${numeric}`,
      );
    }
  }
  await forward.dispose();
  assert.equal(node.opType, gradientCase.op);
}

/** The gradients by input name, from a session over forward and backward nodes. */
async function gradients(
  gradientCase: GradientCase,
  opset: number,
  feeds: Readonly<Record<string, Tensor>>,
  results: Readonly<Record<string, Tensor>>,
  cotangents: ReadonlyMap<string, Tensor>,
): Promise<ReadonlyMap<string, Tensor>> {
  const { builder, node, inputs } = build(gradientCase);
  const shapes = new Map([...Object.entries(feeds), ...Object.entries(results)].map(([k, t]) => [k, t.dims]));
  if (gradientCase.stops) {
    // The gradient must not even be requested: nothing is seeded, so the driver has to drop every input by itself.
    const found = appendGradients({
      builder,
      nodes: [node],
      facts: facts(builder, opset, shapes),
      seeds: new Map(node.outputs.map((output) => [output, 'seed'])),
      wrt: inputs,
    });
    assert.equal(found.size, 0);
    return new Map();
  }
  const seeds = new Map<string, string>();
  const seedFeeds: Record<string, Tensor> = {};
  for (const [output, cotangent] of cotangents) {
    const seed = builder.input(`d${output}`, 'float32', cotangent.dims);
    seeds.set(output, seed);
    seedFeeds[seed] = cotangent;
  }
  const found = appendGradients({
    builder,
    nodes: [node],
    facts: facts(builder, opset, shapes),
    seeds,
    wrt: inputs,
  });
  // A gradient that is the cotangent itself needs no session (and a graph may not output its input).
  const computed = [...new Set(found.values())].filter((gradient) => seedFeeds[gradient] === undefined);
  for (const gradient of computed) builder.output(gradient, 'float32', null);
  const session = computed.length > 0 ? await open(builder.model({}, opset)) : undefined;
  const gradientData = { ...seedFeeds, ...(await session?.run({ ...feeds, ...seedFeeds })) };
  await session?.dispose();
  return new Map([...found].map(([x, gradient]) => [x, gradientData[gradient]!]));
}

function facts(builder: GraphBuilder, opset: number, shapes: ReadonlyMap<string, readonly number[]>) {
  return {
    opset,
    factsOf: (name: string) => ({
      type: 'float32' as const,
      dims: shapes.get(name) ?? builder.graph().initializers.get(name)?.dims ?? [],
    }),
    valueOf: (name: string) => {
      const tensor = builder.graph().initializers.get(name);
      return tensor && (numbersOf(tensor) ?? undefined);
    },
  };
}
