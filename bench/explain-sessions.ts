/** EfficientNet-B5's forward pass, and its explain graph as analyses on the CPU keep it, each a session. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BuiltNetwork } from '../server/src/architectures/network';
import { assembleExplainGraph, type ExplainGraph } from '../server/src/explain/assemble';
import { blockedPasses, kernelsApart } from '../server/src/explain/blocked';
import { finishOptimized } from '../server/src/explain/finish';
import { explainPasses, type GraphPass } from '../server/src/explain/passes';
import { encodeModel, writeModel } from '../server/src/onnx/write';
import { channelBlock } from '../server/src/runtime/blocked-layout';
import type { RuntimeOptions } from '../server/src/runtime/onnxruntime';
import { createSession } from '../server/src/runtime/onnxruntime';
import { optimizedModel, saveOptimized } from '../server/src/runtime/optimized';
import type { Session, Tensor } from '../server/src/runtime/session';
import { graphFor, sampleTensor, seeded } from './networks';

export const SIDE = 380;

export interface Measured {
  run(): Promise<unknown>;
  dispose(): Promise<void>;
}

export const network = (): Promise<BuiltNetwork> =>
  seeded({ architecture: 'efficientnet_pytorch/b5', side: SIDE, threads: null });

export async function forwardSession(
  { model, input }: BuiltNetwork,
  options: RuntimeOptions,
): Promise<Measured> {
  const session = await createSession(encodeModel(model), options);
  const feeds = { [input.name]: sampleTensor(SIDE) };
  return { run: () => session.run(feeds), dispose: () => session.dispose() };
}

/** @param passes of every device; null takes those of the device and on the CPU keeps the optimized network, as an analysis does */
export async function explainSession(
  built: BuiltNetwork,
  passes: readonly GraphPass[] | null,
  options: RuntimeOptions,
): Promise<Measured> {
  const { model, input, logits, layers } = built;
  const request = { model, inputShape: input.shape, logits, layers, methods: ['gradcam'] as const };
  const block = passes === null && options.provider === 'cpu' ? await channelBlock() : null;
  const graph =
    passes === null && block === null
      ? graphFor(options.provider, request)
      : assembleExplainGraph(request, passes ?? (block === null ? explainPasses : blockedPasses(block)));
  const session =
    block === null
      ? await createSession(encodeModel(graph.model), options)
      : await keptSession(graph, block, options);
  const target = { type: 'int64', dims: [1], data: BigInt64Array.of(1n) } as const;
  const feeds: Record<string, Tensor> = {
    [graph.inputs.image]: sampleTensor(SIDE),
    [graph.inputs.target]: target,
  };
  return { run: () => session.run(feeds), dispose: () => session.dispose() };
}

async function keptSession(graph: ExplainGraph, block: number, options: RuntimeOptions): Promise<Session> {
  const folder = await mkdtemp(join(tmpdir(), 'lens-bench-'));
  try {
    const built = join(folder, 'graph.onnx');
    const { model, late } = kernelsApart(graph.model, graph.shapes, block);
    await writeModel(model, built);
    await saveOptimized(built, folder, { provider: 'cpu', late }, (optimized) =>
      finishOptimized(optimized, graph, block),
    );
    const { modelPath, optimization } = optimizedModel(folder);
    return await createSession(modelPath, { ...options, optimization });
  } finally {
    await rm(folder, { recursive: true, force: true }); // what is mapped stays mapped
  }
}
