/** The lens of a model that is only described: what is told of it, what lies beside it, and what its network proves. */
import type { FittedLens, LensTrust } from '../../server/src/pipeline/choose-lens';
import { chooseLens } from '../../server/src/pipeline/choose-lens';
import type { About } from '../../server/src/pipeline/network/prepare';
import type { Weights } from '../../server/src/pipeline/network/weights';
import { ModelStore } from '../../server/src/store/store';

export interface DescribedModel {
  /** Of the file, beside which others may lie; nothing is read of itself. */
  readonly path: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly size: readonly [height: number, width: number];
  readonly classes?: number;
  readonly channels?: 1 | 3;
  readonly tensorflow?: {
    readonly application: { readonly name: string; readonly mode: string } | null;
  } | null;
}

export async function fittedLens(
  model: DescribedModel,
  folder: string,
  trust?: LensTrust,
): Promise<FittedLens> {
  const { path, metadata = {}, size, classes = 2, channels = 3, tensorflow = null } = model;
  const weights = {
    ...{ name: 'mine.onnx', untrained: false, path, stored: null },
    architecture: () => Promise.resolve('onnx'),
    classes: () => Promise.resolve(null),
    sha256: () => Promise.resolve(null),
    metadata: () => Promise.resolve(new Map(Object.entries(metadata))),
  } as unknown as Weights;
  const [height, width] = size;
  const proved = {
    input: { name: 'x', layout: 'NCHW', type: 'float32', channels, batch: null, height, width },
    ...{ normalization: null, range: null, tensorflow },
    output: { name: 'y', classes, others: [], labels: null },
  };
  const about = { architecture: 'onnx', classes, inputShape: [1, channels, height, width], metadata, proved };
  const asked = {
    ...{ lens: null, pipeline: null, weights: path, architecture: null, stateDict: null },
    ...{ target: null, activation: null, detector: null, crop: null, methods: null, layers: null },
  };
  const chosen = await chooseLens(asked, new ModelStore(folder), () => Promise.resolve(weights), trust);
  return chosen.resolve(about as unknown as About);
}
