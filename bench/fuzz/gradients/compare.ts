/**
 * Compares a model's gradients, and the shapes inferred for it, with what onnxruntime computes: every gradient against central
 * differences of the model itself, in float64 where the runtime has the kernels. No gradient counts as zero.
 */
import { appendGradients } from '../../../server/src/autodiff/driver';
import { factsOfModel } from '../../../server/src/autodiff/facts';
import { LensError } from '../../../server/src/errors';
import { GraphBuilder } from '../../../server/src/onnx/builder';
import type { Model } from '../../../server/src/onnx/model';
import { elementCount } from '../../../server/src/onnx/model';
import { inferShapes } from '../../../server/src/onnx/shapes';
import { encodeModel } from '../../../server/src/onnx/write';
import { createSession } from '../../../server/src/runtime/onnxruntime';
import type { Session, Tensor } from '../../../server/src/runtime/session';
import type { Random } from '../random';
import { feedsToDouble, toDouble } from './double';

export type Feeds = Readonly<Record<string, Tensor>>;

export type Verdict =
  /** The largest disagreement, relative to the largest derivative (at least 1), and whether float64 decided. */
  | { readonly is: 'right'; readonly error: number; readonly double: boolean; readonly checked: number }
  /** An error of ours that names what is not supported. */
  | { readonly is: 'refused'; readonly by: string }
  /** The runtime does not run the model, so there is nothing to compare. */
  | { readonly is: 'not run'; readonly by: string }
  | { readonly is: 'wrong'; readonly what: string };

/** Elements of each input that are varied one by one; more elements are varied together. */
const ELEMENTS = 24;
const DIRECTIONS = 3;
/** Elements varied together: in float32, where steps are wide, many elements always meet a kink. */
const TOGETHER = { single: 8, double: Infinity } as const;

/** float32: the step trades rounding against curvature, so several are tried and the best one counts. */
const STEPS = { single: [1, 0.1, 0.03, 0.01, 0.003, 0.001], double: [1e-3, 1e-5, 1e-6] } as const;
const TOLERANCE = { single: 3e-3, double: 1e-4 } as const;

const open = (model: Model): Promise<Session> =>
  createSession(encodeModel(model), { provider: 'cpu', threads: 1, optimization: 'disabled' });

export async function compareWithDifferences(model: Model, feeds: Feeds, random: Random): Promise<Verdict> {
  const outputs = model.graph.outputs.filter(({ type }) => type === 'float32').map(({ name }) => name);
  let forward: Session;
  let base: Record<string, Tensor>;
  try {
    forward = await open(model);
    base = await forward.run(feeds);
  } catch (thrown) {
    return { is: 'not run', by: messageOf(thrown) };
  }
  try {
    const shapes = wrongShape(model, base);
    if (shapes !== null) return shapes;
    if (outputs.length === 0) return { is: 'right', error: 0, double: false, checked: 0 };
    const cotangents: Feeds = Object.fromEntries(
      outputs.map((name) => [name, randomLike(base[name] as Tensor, random)]),
    );
    let gradients: Map<string, Tensor>;
    try {
      gradients = await gradientsOf(model, feeds, cotangents);
    } catch (thrown) {
      if (thrown instanceof LensError && !/onnxruntime/.test(thrown.message))
        return { is: 'refused', by: thrown.message };
      if (contradictsItself(model, messageOf(thrown))) return { is: 'not run', by: messageOf(thrown) };
      return { is: 'wrong', what: `the gradient graph: ${messageOf(thrown)}` };
    }
    return await differences(model, forward, feeds, cotangents, gradients, random);
  } finally {
    await forward.dispose();
  }
}

/**
 * onnxruntime has two ideas of what a pooling with ceil_mode, or with SAME and dilation, makes: what it infers when it loads a model
 * and what it computes. It refuses the model where both meet.
 */
function contradictsItself(model: Model, message: string): boolean {
  const doubtful = model.graph.nodes.some(
    ({ opType, attributes }) =>
      opType.endsWith('Pool') && ['ceil_mode', 'auto_pad'].some((name) => attributes.has(name)),
  );
  return doubtful && /ShapeInferenceError|Shape mismatch attempting to re-use buffer/.test(message);
}

/** Inferred type and shape against the runtime's, for every output that something is known of. */
function wrongShape(model: Model, base: Readonly<Record<string, Tensor>>): Verdict | null {
  let inferred: ReturnType<typeof inferShapes>;
  try {
    inferred = inferShapes(model, {}, { unknown: 'leave out' });
  } catch (thrown) {
    if (thrown instanceof LensError) return { is: 'refused', by: thrown.message };
    return { is: 'wrong', what: `shape inference: ${messageOf(thrown)}` };
  }
  for (const [name, { type, dims, data }] of Object.entries(base)) {
    const info = inferred.get(name);
    if (info === undefined) continue;
    const [expected, found] = [`${type} [${dims.join()}]`, `${info.type} [${info.dims.join()}]`];
    if (expected !== found)
      return { is: 'wrong', what: `shape of "${name}": ${found} instead of ${expected}` };
    const values = info.value;
    if (values !== undefined && !values.every((value, i) => Object.is(value + 0, Number(data[i]) + 0)))
      return { is: 'wrong', what: `value of "${name}": ${values.join()} instead of ${data.join()}` };
  }
  return null;
}

async function gradientsOf(model: Model, feeds: Feeds, cotangents: Feeds): Promise<Map<string, Tensor>> {
  const builder = new GraphBuilder('gradients');
  const { inputs, initializers, nodes } = model.graph;
  for (const { name, type, dims } of inputs) builder.input(name, type, dims);
  for (const [name, tensor] of initializers) builder.initializer(name, tensor);
  for (const node of nodes) builder.append(node);
  const seeds = new Map<string, string>();
  const seedFeeds: Record<string, Tensor> = {};
  for (const [output, cotangent] of Object.entries(cotangents)) {
    const seed = builder.input(`seed/${output}`, 'float32', cotangent.dims);
    seeds.set(output, seed);
    seedFeeds[seed] = cotangent;
  }
  const found = appendGradients({
    builder,
    nodes,
    facts: factsOfModel(model, {}),
    seeds,
    wrt: inputs.flatMap(({ name, type }) => (type === 'float32' ? [name] : [])),
  });
  if (found.size === 0) return new Map();
  // An output of its own for each: a gradient may be a graph input, or the same tensor as another.
  const outputs = [...found].map(([input, gradient]) => {
    const output = builder.node('Identity', [gradient], {}, `gradient/${input}`);
    builder.output(output, 'float32', null);
    return [input, output] as const;
  });
  const session = await open({ ...model, graph: builder.graph() });
  try {
    const results = await session.run({ ...feeds, ...seedFeeds });
    return new Map(outputs.map(([input, output]) => [input, results[output] as Tensor]));
  } finally {
    await session.dispose();
  }
}

async function differences(
  model: Model,
  forward: Session,
  feeds: Feeds,
  cotangents: Feeds,
  gradients: ReadonlyMap<string, Tensor>,
  random: Random,
): Promise<Verdict> {
  const doubled = await openDouble(model, feeds);
  const kind = doubled === null ? 'single' : 'double';
  const session = doubled ?? forward;
  const point = doubled === null ? copies(feeds) : feedsToDouble(feeds);
  const loss = async (): Promise<number> => {
    const results = await session.run(point);
    let sum = 0;
    for (const [name, { data }] of Object.entries(cotangents)) {
      const values = results[name]?.data ?? [];
      for (let i = 0; i < data.length; i++) sum += Number(values[i]) * Number(data[i]);
    }
    return sum;
  };
  try {
    if (!Number.isFinite(await loss())) return { is: 'not run', by: 'the outputs are not finite' };
    let worst = 0;
    let checked = 0;
    for (const [name, tensor] of Object.entries(feeds)) {
      if (tensor.type !== 'float32') continue;
      const x = point[name]?.data as Float32Array | Float64Array;
      const gradient = gradients.get(name);
      if (gradient !== undefined && gradient.dims.join() !== tensor.dims.join())
        return { is: 'wrong', what: `shape of the gradient of "${name}": [${gradient.dims.join()}]` };
      const g = Array.from(gradient?.data ?? new Float32Array(x.length), Number);
      const scale = g.reduce((most, each) => Math.max(most, Math.abs(each)), 1);
      for (const direction of directionsOf(x.length, TOGETHER[kind], random)) {
        const analytic = direction.reduce((sum, [i, d]) => sum + (g[i] ?? 0) * d, 0);
        const reach = Math.sqrt(direction.length);
        const error = await bestOf(STEPS[kind], async (h) => {
          const at = x.slice();
          for (const [i, d] of direction) x[i] = (at[i] ?? 0) + h * d;
          const above = await loss();
          for (const [i, d] of direction) x[i] = (at[i] ?? 0) - h * d;
          const below = await loss();
          x.set(at);
          return Math.abs((above - below) / (2 * h) - analytic) / (scale * reach);
        });
        checked++;
        worst = Math.max(worst, error);
        if (!(error <= TOLERANCE[kind])) {
          const [first] = direction;
          const where = direction.length === 1 ? `[${first?.[0] ?? 0}]` : ', all elements';
          const none = gradient === undefined ? ' (no gradient)' : '';
          return {
            is: 'wrong',
            what: `dL/d${name}${where}${none}: ${analytic} is off by ${error} (${kind})`,
          };
        }
      }
    }
    return { is: 'right', error: worst, double: doubled !== null, checked };
  } finally {
    await doubled?.dispose();
  }
}

/** Sparse directions as [element, amount]: some elements alone, then many or all of them at once. */
function directionsOf(
  count: number,
  most: number,
  random: Random,
): (readonly (readonly [number, number])[])[] {
  const alone =
    count <= ELEMENTS
      ? Array.from({ length: count }, (_, i) => i)
      : Array.from({ length: ELEMENTS }, () => random.below(count));
  const together = Array.from({ length: count > 1 ? DIRECTIONS : 0 }, () => {
    const chosen = new Set(
      count <= most ? Array(count).keys() : Array.from({ length: most }, () => random.below(count)),
    );
    return [...chosen].map((i) => [i, random.below(2001) / 1000 - 1] as const);
  });
  return [...alone.map((i) => [[i, 1] as const]), ...together];
}

/** The least error over the steps; stops early where one agrees well. */
async function bestOf(steps: readonly number[], error: (h: number) => Promise<number>): Promise<number> {
  let best = NaN;
  for (const h of steps) {
    const found = await error(h);
    if (!(best <= found) && !Number.isNaN(found)) best = found;
    if (best < 1e-5) break;
  }
  return best;
}

async function openDouble(model: Model, feeds: Feeds): Promise<Session | null> {
  let session: Session | null = null;
  try {
    session = await open(toDouble(model));
    await session.run(feedsToDouble(feeds));
    return session;
  } catch {
    await session?.dispose();
    return null;
  }
}

const copies = (feeds: Feeds): Record<string, Tensor> =>
  Object.fromEntries(
    Object.entries(feeds).map(([name, tensor]) => [name, { ...tensor, data: tensor.data.slice() } as Tensor]),
  );

function randomLike({ dims }: Tensor, random: Random): Tensor {
  const data = Float32Array.from({ length: elementCount(dims) }, () => random.below(2001) / 1000 - 1);
  return { type: 'float32', dims, data };
}

const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));
