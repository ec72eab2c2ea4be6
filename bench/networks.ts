/** The seeded networks as benches run them: the explain session that an analysis uses, and a forward pass alone. */
import { seededClassifier } from '../server/src/architectures/classifier';
import { findArchitecture } from '../server/src/architectures/registry';
import type { BuiltNetwork } from '../server/src/architectures/network';
import type { ExplainGraph } from '../server/src/explain/assemble';
import { assembleExplainGraph } from '../server/src/explain/assemble';
import type { ExplainRequest } from '../server/src/explain/assemble';
import { assembleForGpu } from '../server/src/explain/gpu';
import type { Model, ValueInfo } from '../server/src/onnx/model';
import { encodeModel } from '../server/src/onnx/write';
import { readyLens } from '../test/support/lens';
import { resolveWeights } from '../server/src/pipeline/network/weights';
import type { Classifier } from '../server/src/pipeline/workbench/workbench';
import { threadCount } from '../server/src/pipeline/workbench/placement';
import { Workbench } from '../server/src/pipeline/workbench/workbench';
import { createSession } from '../server/src/runtime/onnxruntime';
import type { Provider, Tensor } from '../server/src/runtime/session';

export interface NetworkChoice {
  /** An id of the registry. */
  readonly architecture: string;
  /** Side of the square input, in pixels. */
  readonly side: number;
  /** Null: one per core. */
  readonly threads: number | null;
  /** Where it runs; the CPU unless another is named. */
  readonly provider?: Provider;
}

/** Loaded from the cache that an analysis would use, and put there first if need be. */
export async function warmClassifier({
  architecture,
  side,
  threads,
  provider = 'cpu',
  recipe,
  cache,
}: NetworkChoice & {
  /** Names the classes. */
  readonly recipe: string;
  /** Where graphs are kept; by default where an analysis keeps them. */
  readonly cache?: string;
}): Promise<{
  readonly classifier: Classifier;
  readonly dispose: () => Promise<void>;
}> {
  const bench = new Workbench(cache);
  const weights = await resolveWeights(
    { weights: 'demo', architecture, stateDict: null },
    readyLens(recipe),
    bench.store,
  );
  const options = { inputSize: [side, side] as const, methods: ['gradcam'] as const };
  const classifier = await bench.classifier(weights, options, { provider, threads });
  return { classifier, dispose: () => bench.dispose() };
}

export function seeded({ architecture, side }: NetworkChoice): Promise<BuiltNetwork> {
  const found = findArchitecture(architecture);
  if (found === undefined) throw new Error(`No architecture ${architecture}.`);
  return seededClassifier(found, { classes: 2, inputSize: side });
}

/** Two classes, the runtime's own settings: the floor of what explaining can take. */
export async function forwardOnly(choice: NetworkChoice): Promise<{
  readonly run: (image: Tensor) => Promise<unknown>;
  readonly dispose: () => Promise<void>;
}> {
  const { model, input } = await seeded(choice);
  const session = await createSession(encodeModel(model), {
    provider: choice.provider ?? 'cpu',
    threads: threadCount(choice.threads),
  });
  return { run: (image) => session.run({ [input.name]: image }), dispose: () => session.dispose() };
}

/** A network and its explain graph with this many images in one run, Grad-CAM of its reported layers. */
export async function inOneRun(
  choice: NetworkChoice,
  batch: number,
): Promise<{ readonly model: Model; readonly input: string; readonly graph: ExplainGraph }> {
  const { model: one, input, logits, layers } = await seeded(choice);
  const of = <T extends ValueInfo>(value: T): T => ({
    ...value,
    dims: value.dims === null ? null : [batch, ...value.dims.slice(1)],
  });
  const { inputs, outputs } = one.graph;
  const model = { ...one, graph: { ...one.graph, inputs: inputs.map(of), outputs: outputs.map(of) } };
  const inputShape = [batch, ...input.shape.slice(1)];
  const request = { model, inputShape, logits, layers, methods: ['gradcam'] } as const;
  return { model, input: input.name, graph: graphFor(choice.provider ?? 'cpu', request) };
}

/** The explain graph for a device; that of the CPU is the one before its layout in blocks. */
export const graphFor = (provider: Provider, request: ExplainRequest): ExplainGraph =>
  provider === 'cpu' ? assembleExplainGraph(request) : assembleForGpu(request, provider);

/** What an explain graph is given: the same image as often as it takes images, and class 1 for each. */
export function explainFeeds({ image, target }: ExplainGraph['inputs'], side: number, batch: number): Feeds {
  return {
    [image]: sampleTensor(side, batch),
    [target]: { type: 'int64', dims: [batch], data: new BigInt64Array(batch).fill(1n) },
  };
}

export type Feeds = Readonly<Record<string, Tensor>>;

/** (batch, 3, side, side), values 0..1 with a period that fits no row: times do not depend on what it shows. */
export function sampleTensor(side: number, batch = 1): Tensor & { readonly type: 'float32' } {
  const size = 3 * side * side;
  const data = Float32Array.from({ length: batch * size }, (_, i) => ((i % size) % 997) / 997);
  return { type: 'float32', dims: [batch, 3, side, side], data };
}

/** Milliseconds. */
export async function timed(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}
