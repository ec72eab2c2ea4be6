/** One ONNX file and one input tensor through the network that an analysis uses, from the file to the maps of its default layers. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SampleResult } from '../../server/src/explain/decode';
import { PREDICTED } from '../../server/src/explain/target';
import { resolveWeights } from '../../server/src/pipeline/network/weights';
import { Workbench } from '../../server/src/pipeline/workbench/workbench';
import { readyLens } from '../../test/support/lens';

export interface Explained {
  readonly sample: SampleResult;
  readonly notes: readonly string[];
}

/** @throws LensError as an analysis does */
export async function explainFile(
  path: string,
  image: Float32Array,
  dims: readonly number[],
): Promise<Explained> {
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
    const sample = await classifier.explain({ type: 'float32', dims, data: image }, PREDICTED);
    return { sample, notes: classifier.about.notes };
  } finally {
    await bench.dispose();
    rmSync(cache, { recursive: true, force: true });
  }
}
