/** Activation and gradient of one layer of a report, recomputed from the image and weights that the report names. */
import type { LayerReport, Report } from '../../../protocol/report';
import { estimateMemory } from '../explain/memory';
import { buildLayerGraph, type LayerGraph } from '../explain/layer-graph';
import { encodeModel } from '../onnx/write';
import { inferShapes } from '../onnx/shapes';
import { createSession } from '../runtime/onnxruntime';
import type { Tensor } from '../runtime/session';
import type { ModelStore } from '../store/store';
import { boundOf, THRESHOLD } from './network/activation';
import { decideActivation } from './network/decide-activation';
import { memoryLimit, requireMemory } from './network/memory-limit';
import type { Network } from './network/weights';
import { withWeightsInMemory } from './network/weights-in-memory';
import { otherNetwork, repeatInput } from './repeat';

export interface LayerPlanes {
  /** (C, P), channel by channel. */
  readonly activation: Float32Array;
  /** (C, P): of the report's target; null where there is none. */
  readonly gradient: Float32Array | null;
}

export interface LayerRun {
  readonly network: Network;
  readonly tensor: Tensor;
  readonly graph: LayerGraph;
}

export interface PlanesQuestion {
  readonly folder: string;
  readonly report: Report;
  readonly layer: LayerReport;
  /** MB that the network may take: this machine's setting, never the report's. */
  readonly memoryLimit: number | null;
}

/** The graph of one layer with the tensor that the network received. @throws LensError as `repeatInput` */
export async function layerRun(
  { folder, report, layer }: Pick<PlanesQuestion, 'folder' | 'report' | 'layer'>,
  store: ModelStore,
  signal?: AbortSignal,
): Promise<LayerRun> {
  const { network: read, tensor } = await repeatInput(folder, report, store, signal);
  const { activation: reported } = report.classifier;
  const choice = reported?.origin === 'option' ? reported.kind : 'auto';
  const network = await decideActivation(read, choice, signal);
  const found = (network.allLayers ?? network.layers).find(({ name }) => name === layer.name);
  if (found === undefined) throw otherNetwork(folder, `a layer "${layer.name}"`);
  const bound = boundOf(network.activation, reported?.threshold ?? THRESHOLD);
  const model = await withWeightsInMemory(network);
  const classifier = { model, inputShape: network.input.shape, logits: network.logits, bound };
  return { network, tensor, graph: buildLayerGraph(classifier, found) };
}

/** Runs it on the CPU, in a session that is released afterwards. */
export async function layerPlanes(
  question: PlanesQuestion,
  store: ModelStore,
  signal?: AbortSignal,
): Promise<LayerPlanes> {
  const { network, tensor, graph } = await layerRun(question, store, signal);
  const { model, inputs, outputs } = graph;
  const shapes = inferShapes(model, {}, { unknown: 'leave out' });
  requireMemory(estimateMemory(model.graph, shapes), memoryLimit(question.memoryLimit), network.source);
  const session = await createSession(encodeModel(model), { provider: 'cpu', source: network.source });
  try {
    const target = {
      type: 'int64',
      dims: [1],
      data: BigInt64Array.of(BigInt(question.report.target.index)),
    } as const;
    const results = await session.run({ [inputs.image]: tensor, [inputs.target]: target });
    const values = (name: string | null): Float32Array | null => {
      const result = name === null ? undefined : results[name];
      return result?.type === 'float32' ? result.data : null;
    };
    const activation = values(outputs.activation);
    if (activation === null) throw new Error('The run gave no activation.');
    return { activation, gradient: values(outputs.gradient) };
  } finally {
    await session.dispose();
  }
}
