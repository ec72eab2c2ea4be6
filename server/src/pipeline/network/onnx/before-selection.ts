/** Finds the scores behind operators that pick classes at the end of a graph: the picks say too little to be explained. */
import { attribute } from '../../../onnx/attributes';
import { indexGraph } from '../../../onnx/graph-index';
import type { GraphIndex } from '../../../onnx/graph-index';
import type { Graph, Node } from '../../../onnx/model';
import { elementCount } from '../../../onnx/model';
import type { FactsOf } from './class-list';
import { isClassList } from './class-list';

export interface Selected {
  /** The scores of all classes that were picked from; the output itself where nothing was picked. */
  readonly tensor: string;
  /** The operator that picks; null where none does. */
  readonly by: string | null;
  /** Class names that the operator holds; null where it holds none. */
  readonly labels: readonly string[] | null;
}

/** Operators that pass on what was picked. */
const PASSING: ReadonlySet<string> = new Set([
  ...['Identity', 'Cast', 'Squeeze', 'Unsqueeze', 'Reshape', 'Flatten', 'Gather', 'ArrayFeatureExtractor'],
]);

/** Most nodes between an output and the operator that picks. */
const MOST_PASSED = 8;

/** After these, only the side of a threshold is left of a score. */
const ROUNDING: ReadonlySet<string> = new Set([
  ...['Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual', 'Round', 'Sign', 'Floor', 'Ceil'],
]);

/** Walks back from an output to the operator that picks or rounds: ArgMax, TopK, ZipMap, the largest of the scores, a comparison with a threshold. */
export function beforeSelection(graph: Graph, output: string, factsOf: FactsOf): Selected {
  const index = indexGraph(graph);
  let tensor = output;
  for (let step = 0; step < MOST_PASSED; step++) {
    const node = index.producerOf(tensor);
    if (node === undefined) break;
    const from = pickedFrom(node, graph, index, factsOf);
    if (from !== null)
      return { tensor: from, by: node.opType, labels: node.opType === 'ZipMap' ? labelsOf(node) : null };
    if (!PASSING.has(node.opType) && !choosesConstants(node, graph, index)) break;
    // Class names are looked up by the picked index.
    tensor = node.inputs[looksUp(node, graph) ? 1 : 0] ?? '';
  }
  return { tensor: output, by: null, labels: null };
}

const looksUp = ({ opType, inputs }: Node, graph: Graph): boolean =>
  (opType === 'ArrayFeatureExtractor' || opType === 'Gather') && graph.initializers.has(inputs[0] ?? '');

/** The scores that a node picks from or compares; null where it does something else. */
function pickedFrom(node: Node, graph: Graph, index: GraphIndex, factsOf: FactsOf): string | null {
  const { opType, domain, inputs, outputs } = node;
  const [first = '', second = ''] = inputs;
  if (domain === 'ai.onnx.ml') return opType === 'ZipMap' ? first : null;
  if (domain !== '') return null;
  if (opType === 'ArgMax' || opType === 'TopK') return first;
  const [from, to] = [factsOf(first), factsOf(outputs[0] ?? '')];
  // The largest of the classes, not of the places in a map.
  if (opType === 'ReduceMax')
    return isClassList(from) && elementCount(from.dims) > 1 && to && elementCount(to.dims) === 1
      ? first
      : null;
  if (!ROUNDING.has(opType)) return null;
  if (inputs.length === 1) return first;
  return isConstant(second, graph, index) ? first : isConstant(first, graph, index) ? second : null;
}

const isConstant = (tensor: string, graph: Graph, index: GraphIndex): boolean =>
  graph.initializers.has(tensor) || index.producerOf(tensor)?.opType === 'Constant';

/** `Where(p > 0.5, 1, 0)`. */
const choosesConstants = ({ opType, inputs }: Node, graph: Graph, index: GraphIndex): boolean =>
  opType === 'Where' && inputs.slice(1).every((input) => isConstant(input, graph, index));

function labelsOf(node: Node): readonly string[] | null {
  const names = attribute(node, 'classlabels_strings', 'strings');
  if (names !== undefined && names.length > 0) return names;
  return attribute(node, 'classlabels_int64s', 'ints')?.map(String) ?? null;
}
