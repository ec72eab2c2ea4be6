/** Outputs that are embeddings: vectors to compare pictures by, whose values are not classes. */
import { LensError } from '../../../errors';
import { attribute } from '../../../onnx/attributes';
import { indexGraph } from '../../../onnx/graph-index';
import type { Graph, Node } from '../../../onnx/model';

/** What exporters and libraries call them: `embedding`, `image_embeds`, `emb`. */
const NAMES = /embed|(^|_)embs?($|_)|descriptor|last_hidden_state/i;

export const isEmbedding = (graph: Graph, name: string, tensor: string): boolean =>
  NAMES.test(name) || hasUnitLength(graph, tensor);

/** Operators between a vector and its length. */
const TO_LENGTH: ReadonlySet<string> = new Set([
  ...['Clip', 'Max', 'Expand', 'Sqrt', 'Add', 'Reshape', 'Unsqueeze', 'Identity', 'Cast', 'Pow'],
]);

/** Nodes between the two. */
const MOST_BETWEEN = 6;

/** x / |x|, as `F.normalize` is exported: an L2 norm, or the square root of a sum of squares. */
function hasUnitLength(graph: Graph, tensor: string): boolean {
  const index = indexGraph(graph);
  const producerOf = (each: string): Node | undefined => index.producerOf(each);
  let last = producerOf(tensor);
  while (last?.opType === 'Identity' || last?.opType === 'Cast') last = producerOf(last.inputs[0] ?? '');
  if (last === undefined) return false;
  if (last.opType === 'LpNormalization') return (attribute(last, 'p', 'int') ?? 2) === 2;
  if (last.opType !== 'Div') return false;
  const [vector = '', length = ''] = last.inputs;
  let node = producerOf(length);
  for (let step = 0; node !== undefined && step < MOST_BETWEEN; step++) {
    const [from = ''] = node.inputs;
    if (node.opType === 'ReduceL2' || node.opType === 'ReduceSumSquare') return from === vector;
    if (node.opType === 'ReduceSum') return isSquareOf(producerOf(from), vector);
    if (!TO_LENGTH.has(node.opType)) return false;
    node = producerOf(from);
  }
  return false;
}

const isSquareOf = (node: Node | undefined, vector: string): boolean =>
  node !== undefined &&
  (node.opType === 'Mul' ? node.inputs.every((input) => input === vector) : node.inputs[0] === vector) &&
  (node.opType === 'Mul' || node.opType === 'Pow' || node.opType === 'Abs');

export const embeddingOnly = (name: string, dims: readonly number[]): LensError =>
  new LensError(
    'model',
    `expected an output of shape [1, classes], found "${name}" of shape [${dims.join(', ')}]: this is an embedding model, not a classifier.`,
    {
      fix: `Only classifiers are explained. If its values are classes after all, say so in a lens: "output": { "name": ${JSON.stringify(name)} }.`,
    },
  );
