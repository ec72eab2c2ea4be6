/** Layers of an ONNX file, by operator. */
import type { BuiltNetwork, ReportedLayer } from '../../../architectures/network';
import type { Model } from '../../../onnx/model';
import { ancestorsOf } from './paths';

/** Operators whose outputs people know as layers; what lies between them is reported through them. */
const reported: ReadonlySet<string> = new Set([
  'Conv',
  'Add',
  'Concat',
  'MaxPool',
  'AveragePool',
  'GlobalAveragePool',
  'ReduceMean',
  'Gemm',
  'MatMul',
]);

/**
 * The most layers that are reported: more than any network in use has (DenseNet-201 has 311), and each takes some twenty nodes of the
 * explain graph and four pictures.
 */
export const MOST_LAYERS = 512;

type ShapeOf = (tensor: string) => { readonly type: string; readonly dims: readonly number[] } | undefined;

/** Tensors that a class activation map exists for, between the image and the logits, named as the file names them. */
export function layersOf(
  { graph }: Model,
  logits: readonly string[],
  fromImage: ReadonlySet<string>,
  shapeOf: ShapeOf,
): readonly ReportedLayer[] {
  const useful = ancestorsOf(logits, graph.nodes);
  return graph.nodes
    .filter(({ opType, name }) => reported.has(opType) && !name.startsWith('picture/'))
    .flatMap((node) => {
      const tensor = node.outputs[0] ?? '';
      const facts = shapeOf(tensor);
      const shaped = facts?.type === 'float32' && facts.dims[0] === 1 && [2, 4].includes(facts.dims.length);
      const between = useful.has(tensor) && fromImage.has(tensor);
      return shaped && between ? [{ name: tensor, tensor, shape: facts.dims }] : [];
    });
}

/** All, or as many as are reported at most, evenly spread, with the first and the last. */
export function selected(layers: readonly ReportedLayer[]): Pick<BuiltNetwork, 'layers' | 'layersFound'> {
  const found = layers.length;
  if (found <= MOST_LAYERS) return { layers, layersFound: found };
  const places = Array.from({ length: MOST_LAYERS }, (_, i) =>
    Math.round((i * (found - 1)) / (MOST_LAYERS - 1)),
  );
  return { layers: places.flatMap((place) => layers[place] ?? []), layersFound: found };
}
