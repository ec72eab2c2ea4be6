/** Tries one test of the ONNX project: shapes, values of the lowered model, and gradients against central differences. */
import { LensError } from '../../server/src/errors';
import { lower } from '../../server/src/lowering/lower';
import { precisionOf } from '../../server/src/lowering/precision';
import { float32Tensor } from '../../server/src/onnx/builder';
import type { ConstantTensor, Model } from '../../server/src/onnx/model';
import { elementCount, isExternal } from '../../server/src/onnx/model';
import { inferShapes } from '../../server/src/onnx/shapes';
import { isNumeric, toNumbers, typedTensor } from '../../server/src/onnx/typed-data';
import { encodeModel } from '../../server/src/onnx/write';
import { createSession } from '../../server/src/runtime/onnxruntime';
import type { Tensor } from '../../server/src/runtime/session';
import { compareWithDifferences } from '../fuzz/gradients/compare';
import { Random } from '../fuzz/random';
import type { BackendCase } from './case';

export type Outcome =
  | 'agrees'
  /** onnxruntime gives the same for the file, and not what the test expects. */
  | 'as onnxruntime'
  /** A quantized file, whose float equivalent does not round. */
  | 'rounds'
  | 'unknown'
  | 'not run'
  | 'refused'
  | 'none'
  | 'wrong';

export interface Checked {
  readonly shapes: Outcome;
  readonly values: Outcome;
  readonly gradients: Outcome;
  /** What is wrong, refused or not run. */
  readonly why: readonly string[];
}

/** Relative to the largest value; the tests' own default is 1e-3, of each value. */
const TOLERANCE = 1e-3;

/** Of inputs whose elements are varied one by one. */
const MOST_ELEMENTS = 20_000;

const message = (thrown: unknown): string =>
  (thrown instanceof Error ? thrown.message : String(thrown)).replace(/\s+/g, ' ').slice(0, 200);

export async function checkCase(each: BackendCase): Promise<Checked> {
  const why: string[] = [];
  let model: Model;
  let feeds: Record<string, Tensor>;
  let expected: readonly ConstantTensor[];
  try {
    const file = withoutDoubles(each.model());
    const inputs = each.inputs().map(single);
    expected = each.outputs();
    const named = file.graph.inputs.flatMap(({ name }, i) => {
      const tensor = inputs[i];
      return tensor === undefined ? [] : [[name, tensor] as const];
    });
    model = fold(file, named);
    if (model.graph.outputs.some(({ type }) => /int4$/.test(type)))
      throw new Unsupported('onnxruntime-node has no arrays for outputs of 4 bits');
    feeds = Object.fromEntries(
      model.graph.inputs.map(({ name }) => [name, feedOf(new Map(named).get(name))]),
    );
    const dims = Object.fromEntries(
      named.filter(([name]) => name in feeds).map(([name, { dims: d }]) => [name, d]),
    );
    const lowered = lower(model, dims);
    const [refusal] = lowered.refusals.values();
    if (refusal !== undefined)
      return { shapes: 'unknown', values: 'refused', gradients: 'refused', why: [refusal.message] };
    model = lowered.model;
  } catch (thrown) {
    if (!(thrown instanceof LensError) && !(thrown instanceof Unsupported)) throw thrown;
    return { shapes: 'unknown', values: 'refused', gradients: 'refused', why: [message(thrown)] };
  }
  const shapes = shapesOf(model, expected, why);
  const values = await valuesOf({ file: withoutDoubles(each.model()), model }, feeds, expected, why);
  const gradients = await gradientsOf(model, feeds, values, why);
  return { shapes, values, gradients, why };
}

/** Tests that happen to be in float64 are tried in float32, as networks are. */
const withoutDoubles = (model: Model): Model => {
  const { graph } = model;
  const short = <T extends { readonly type: string }>(info: T): T =>
    info.type === 'float64' ? { ...info, type: 'float32' } : info;
  const initializers = new Map([...graph.initializers].map(([name, tensor]) => [name, single(tensor)]));
  return {
    ...model,
    graph: { ...graph, inputs: graph.inputs.map(short), outputs: graph.outputs.map(short), initializers },
  };
};

const single = (tensor: ConstantTensor): ConstantTensor =>
  tensor.type === 'float64' ? float32Tensor(tensor.dims, [...numbers(tensor)]) : tensor;

class Unsupported extends Error {}

/** Of these all inputs but the first are settings: scales, regions, zero points. */
const SETTINGS: ReadonlySet<string> = new Set([
  ...['Resize', 'Upsample', 'RoiAlign', 'Conv', 'ConvTranspose', 'QuantizeLinear', 'DequantizeLinear'],
  ...['QLinearConv', 'QLinearMatMul', 'NonMaxSuppression'],
]);

/** Inputs that are not floats become constants: axes and shapes are inputs in these tests, and constants in files of networks. */
function fold(model: Model, named: readonly (readonly [string, ConstantTensor])[]): Model {
  const { graph } = model;
  const settings = new Set(
    graph.nodes.filter(({ opType }) => SETTINGS.has(opType)).flatMap(({ inputs }) => inputs.slice(1)),
  );
  const constants = named.filter(([name, { type }]) => !/float/.test(type) || settings.has(name));
  const folded = new Set(constants.map(([name]) => name));
  return {
    ...model,
    graph: {
      ...graph,
      inputs: graph.inputs.filter(({ name }) => !folded.has(name)),
      initializers: new Map([...graph.initializers, ...constants]),
    },
  };
}

function feedOf(tensor: ConstantTensor | undefined): Tensor {
  if (tensor?.type !== 'float32' || isExternal(tensor.data)) throw new Unsupported('an input is not float32');
  const data = new Float32Array(numbers(tensor));
  return { type: 'float32', dims: tensor.dims, data };
}

function numbers({ type, dims, data }: ConstantTensor): readonly number[] {
  if (!isNumeric(type) || isExternal(data)) throw new Unsupported('a tensor has no numbers');
  return [...toNumbers(typedTensor(type, dims, data))];
}

function shapesOf(model: Model, expected: readonly ConstantTensor[], why: string[]): Outcome {
  let known: ReturnType<typeof inferShapes>;
  try {
    known = inferShapes(model, {}, { unknown: 'leave out' });
  } catch (thrown) {
    why.push(message(thrown));
    return 'refused';
  }
  const outcomes = model.graph.outputs.map(({ name }, i): Outcome => {
    const [found, wanted] = [known.get(name)?.dims, expected[i]?.dims];
    if (found === undefined || wanted === undefined) return 'unknown';
    if (found.join() === wanted.join()) return 'agrees';
    why.push(`"${name}" is of shape [${wanted.join()}], inferred [${found.join()}]`);
    return 'wrong';
  });
  return (
    outcomes.find((outcome) => outcome === 'wrong') ??
    outcomes.find((outcome) => outcome === 'unknown') ??
    'agrees'
  );
}

async function valuesOf(
  { file, model }: { readonly file: Model; readonly model: Model },
  feeds: Record<string, Tensor>,
  expected: readonly ConstantTensor[],
  why: string[],
): Promise<Outcome> {
  try {
    const session = await createSession(encodeModel(model), {
      provider: 'cpu',
      threads: 1,
      optimization: 'disabled',
    });
    try {
      const results = await session.run(feeds);
      for (const [i, { name }] of model.graph.outputs.entries()) {
        const [found, wanted] = [results[name], expected[i]];
        if (found === undefined || wanted === undefined || wanted.type === 'string') continue;
        const values = numbers(wanted);
        const scale = values.reduce(
          (most, v) => (Number.isFinite(v) ? Math.max(most, Math.abs(v)) : most),
          1,
        );
        const off = values.findIndex((v, k) => {
          const other = Number(found.data[k]);
          return !(
            Object.is(v, other) ||
            Math.abs(v - other) <= TOLERANCE * scale ||
            (Number.isNaN(v) && Number.isNaN(other))
          );
        });
        if (off >= 0) {
          if (precisionOf(file.graph) === 'quantized') return 'rounds';
          if (await sameInRuntime(file, model, feeds, results)) return 'as onnxruntime';
          why.push(`"${name}"[${off}] is ${values[off]}, computed ${found.data[off]}`);
          return 'wrong';
        }
      }
      return 'agrees';
    } finally {
      await session.dispose();
    }
  } catch (thrown) {
    why.push(message(thrown));
    return 'not run';
  }
}

/** Every value a little larger, each by another amount. */
function beside(feeds: Record<string, Tensor>): Record<string, Tensor> {
  const random = new Random(2, 1);
  return Object.fromEntries(
    Object.entries(feeds).map(([name, tensor]) => {
      const data = Float32Array.from(
        tensor.data as Float32Array,
        (v) => v + 0.02 + random.below(1000) / 20_000,
      );
      return [name, { type: 'float32', dims: tensor.dims, data }];
    }),
  );
}

/** Whether onnxruntime computes of the file itself what it computes of the lowered model. */
async function sameInRuntime(
  file: Model,
  lowered: Model,
  feeds: Record<string, Tensor>,
  found: Record<string, Tensor>,
): Promise<boolean> {
  const { inputs } = lowered.graph;
  const constants = file.graph.inputs.filter(({ name }) => !inputs.some((input) => input.name === name));
  const initializers = new Map([
    ...file.graph.initializers,
    ...constants.flatMap(({ name }) => {
      const tensor = lowered.graph.initializers.get(name);
      return tensor === undefined ? [] : [[name, tensor] as const];
    }),
  ]);
  const bound = { ...file, graph: { ...file.graph, inputs, initializers } };
  const options = { provider: 'cpu', threads: 1, optimization: 'disabled' } as const;
  const session = await createSession(encodeModel(bound), options);
  try {
    const results = await session.run(feeds);
    return lowered.graph.outputs.every(({ name }) => {
      const [a, b] = [results[name], found[name]];
      return a !== undefined && b !== undefined && allNear(a, b);
    });
  } finally {
    await session.dispose();
  }
}

const allNear = (a: Tensor, b: Tensor): boolean =>
  Array.from(b.data as ArrayLike<number | bigint>, Number).every((value, i) => {
    const other = Number(a.data[i]);
    return Object.is(value, other) || Math.abs(value - other) <= TOLERANCE * Math.max(1, Math.abs(value));
  });

async function gradientsOf(
  model: Model,
  feeds: Record<string, Tensor>,
  values: Outcome,
  why: string[],
): Promise<Outcome> {
  const floats = Object.values(feeds).some(({ dims }) => elementCount(dims) > 0);
  const outputs = model.graph.outputs.some(({ type }) => type === 'float32');
  const size = Object.values(feeds).reduce((sum, { dims }) => sum + elementCount(dims), 0);
  if (!floats || !outputs || size > MOST_ELEMENTS || values === 'not run') return 'none';
  let verdict = await compareWithDifferences(model, feeds, new Random(1, 1));
  // Many tests look at whole numbers, where a function has a kink or a tie: a little beside it there is one derivative.
  if (verdict.is === 'wrong') verdict = await compareWithDifferences(model, beside(feeds), new Random(1, 1));
  switch (verdict.is) {
    case 'right':
      return 'agrees';
    case 'refused':
    case 'not run':
      why.push(verdict.by.replace(/\s+/g, ' ').slice(0, 200));
      return verdict.is;
    case 'wrong':
      why.push(verdict.what);
      return 'wrong';
  }
}
