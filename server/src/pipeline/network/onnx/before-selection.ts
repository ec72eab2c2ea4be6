/** What goes into the operators that pick classes at the end of a graph: their outputs say too little to be explained. */
import { attribute } from '../../../onnx/attributes';
import { indexGraph } from '../../../onnx/graph-index';
import type { Graph, Node } from '../../../onnx/model';

export interface Selected {
  /** The scores of all classes that were picked from; the output itself where nothing was picked. */
  readonly tensor: string;
  /** The operator that picks; null where none does. */
  readonly by: 'ArgMax' | 'TopK' | 'ZipMap' | null;
  /** Class names that the operator holds; null where it holds none. */
  readonly labels: readonly string[] | null;
}

/** Operators that pass on what was picked. */
const PASSING: ReadonlySet<string> = new Set([
  ...['Identity', 'Cast', 'Squeeze', 'Unsqueeze', 'Reshape', 'Flatten', 'Gather', 'ArrayFeatureExtractor'],
]);

/** Nodes between an output and what picks. */
const MOST_PASSED = 8;

/** Walks back from an output to ArgMax, TopK or ZipMap. */
export function beforeSelection(graph: Graph, output: string): Selected {
  const index = indexGraph(graph);
  let tensor = output;
  for (let step = 0; step < MOST_PASSED; step++) {
    const node = index.producerOf(tensor);
    if (node === undefined) break;
    const by = pickerOf(node);
    if (by !== null)
      return { tensor: node.inputs[0] ?? '', by, labels: by === 'ZipMap' ? labelsOf(node) : null };
    if (!PASSING.has(node.opType)) break;
    // Class names are looked up by the picked index.
    tensor = node.inputs[looksUp(node, graph) ? 1 : 0] ?? '';
  }
  return { tensor: output, by: null, labels: null };
}

const looksUp = ({ opType, inputs }: Node, graph: Graph): boolean =>
  (opType === 'ArrayFeatureExtractor' || opType === 'Gather') && graph.initializers.has(inputs[0] ?? '');

const pickerOf = ({ opType, domain }: Node): Selected['by'] => {
  if (domain === 'ai.onnx.ml') return opType === 'ZipMap' ? 'ZipMap' : null;
  return domain === '' && (opType === 'ArgMax' || opType === 'TopK') ? opType : null;
};

function labelsOf(node: Node): readonly string[] | null {
  const names = attribute(node, 'classlabels_strings', 'strings');
  if (names !== undefined && names.length > 0) return names;
  return attribute(node, 'classlabels_int64s', 'ints')?.map(String) ?? null;
}
