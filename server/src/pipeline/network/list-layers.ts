/** Every layer of a model file, and which of them a report shows unless others are requested. */
import type { ReportedLayer } from '../../architectures/layers';
import { importClassifier } from '../../architectures/classifier';
import { fromTensorSource } from '../../architectures/state-dict';
import { openCheckpoint } from '../../checkpoints/open';
import { isOnnxFile } from '../../store/model-files';
import { openOnnxClassifier } from './onnx/open';

export interface ListedLayer extends ReportedLayer {
  readonly shown: boolean;
  readonly operator: string;
}

/** In the order of the forward pass. @throws LensError of kind `model` where the file is not a classifier */
export async function listLayers(path: string): Promise<readonly ListedLayer[]> {
  const {
    model,
    layers,
    allLayers = layers,
  } = isOnnxFile(path) ? await openOnnxClassifier(path, { inputSize: null }) : await fromCheckpoint(path);
  const operators = new Map(
    model.graph.nodes.flatMap(({ opType, outputs }) => outputs.map((name) => [name, opType])),
  );
  const shown = new Set(layers.map(({ name }) => name));
  return allLayers.map((layer) => ({
    ...layer,
    shown: shown.has(layer.name),
    operator: operators.get(layer.tensor) ?? 'Input',
  }));
}

async function fromCheckpoint(path: string) {
  const checkpoint = await openCheckpoint(path, {});
  try {
    return (await importClassifier(fromTensorSource(checkpoint), { source: path })).network;
  } finally {
    await checkpoint.close();
  }
}
