/** One ONNX file and one input tensor through the network that an analysis uses, from the file to the maps of its default layers. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { assembleExplainGraph } from '../../server/src/explain/assemble';
import type { SampleResult } from '../../server/src/explain/decode';
import { decodeExplain } from '../../server/src/explain/decode';
import { PREDICTED } from '../../server/src/explain/target';
import { encodeModel } from '../../server/src/onnx/write';
import { openOnnxClassifier } from '../../server/src/pipeline/network/onnx/open';
import { withWeightsInMemory } from '../../server/src/pipeline/network/weights-in-memory';
import { resolveWeights } from '../../server/src/pipeline/network/weights';
import { Workbench } from '../../server/src/pipeline/workbench/workbench';
import { createSession } from '../../server/src/runtime/onnxruntime';
import { readyLens } from '../../test/support/lens';

export type Explain = (path: string, image: Float32Array, dims: readonly number[]) => Promise<SampleResult>;

/** Without the steps that make the session fast: for tests, which have little time. */
export const explainPlainly: Explain = async (path, image, dims) => {
  const { model, input, logits, layers } = await openOnnxClassifier(path, { inputSize: null });
  const request = {
    model: await withWeightsInMemory({ model, folder: dirname(path) }),
    inputShape: input.shape,
    logits,
    layers,
  };
  const graph = assembleExplainGraph({ ...request, methods: ['gradcam'] }, []);
  const session = await createSession(encodeModel(graph.model), { provider: 'cpu', threads: 1 });
  try {
    const feeds = {
      [graph.inputs.image]: { type: 'float32', dims, data: image },
      [graph.inputs.target]: { type: 'int64', dims: [1], data: BigInt64Array.of(BigInt(PREDICTED)) },
    } as const;
    const [sample] = decodeExplain(graph.outputs, await session.run(feeds));
    if (sample === undefined) throw new Error(`${path}: no result`);
    return sample;
  } finally {
    await session.dispose();
  }
};

/** As an analysis does. @throws LensError as it does */
export const explainFile: Explain = async (path, image, dims) => {
  const cache = mkdtempSync(join(tmpdir(), 'inference-lens-conformance-'));
  const bench = new Workbench(cache);
  try {
    const weights = await resolveWeights(
      { weights: path, architecture: null, stateDict: null },
      readyLens('imagenet'),
      bench.store,
    );
    const options = { inputSize: null, methods: ['gradcam'] as const };
    const classifier = await bench.classifier(weights, options, { provider: 'cpu', threads: 1 });
    return await classifier.explain({ type: 'float32', dims, data: image }, PREDICTED);
  } finally {
    await bench.dispose();
    rmSync(cache, { recursive: true, force: true });
  }
};
