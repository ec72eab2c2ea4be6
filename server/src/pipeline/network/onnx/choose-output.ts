/** Which of a model's outputs holds the class scores: by name, shape and dependencies. */
import { LensError } from '../../../errors';
import type { Graph, ValueInfo } from '../../../onnx/model';
import { elementCount } from '../../../onnx/model';
import { beforeSelection } from './before-selection';
import type { FactsOf } from './class-list';
import { isClassList } from './class-list';
import { embeddingOnly, isEmbedding } from './embedding';
import { ancestorsOf } from './paths';
import { givesBoxes, noClasses } from './no-classes';

export interface ChosenOutput {
  /** As the file calls it. */
  readonly name: string;
  /** The tensor that is explained: the output, or the scores that it was picked from. */
  readonly tensor: string;
  readonly others: readonly string[];
  readonly labels: readonly string[] | null;
  /** What was decided, in sentences. */
  readonly notes: readonly string[];
}

/**
 * @param wanted as a lens names it; null lets the graph decide
 * @param image name of the picture's tensor, and its height and width
 * @throws LensError of kind `usage` where there is no such output, `model` where none holds classes, which says what the model is instead
 */
export function chooseOutput(
  graph: Graph,
  wanted: string | null,
  image: readonly [height: number, width: number],
  factsOf: FactsOf,
): ChosenOutput {
  if (graph.outputs.length === 0)
    throw new LensError('model', 'expected a graph with an output, found none.', {
      fix: 'Export the classifier again, with its scores as an output.',
    });
  const named = graph.outputs.filter(({ name }) => wanted === null || name === wanted);
  if (named.length === 0) throw noOutput(wanted ?? '', graph);
  const all = named.map(({ name }, order) => ({ name, order, ...beforeSelection(graph, name, factsOf) }));
  const classes = all.filter(({ tensor }) => isClassList(factsOf(tensor)));
  const scored = classes.map((each) => ({ ...each, score: score(each, classes, graph, factsOf) }));
  const [best] = scored.toSorted((a, b) => b.score - a.score);
  const outputs = all.map(({ name, tensor }) => ({ name, tensor, dims: factsOf(tensor)?.dims }));
  if (best !== undefined && wanted === null && givesBoxes(outputs, graph))
    throw noClasses(outputs, image, graph);
  if (best === undefined) {
    // Report unknown shapes where they begin.
    const container = graph.outputs.find(({ container }) => container !== undefined);
    if (container !== undefined && named.includes(container)) throw noTensor(container);
    const unknown = all.find(({ tensor }) => factsOf(tensor) === undefined);
    if (unknown !== undefined) return { ...unknown, others: [], notes: [] };
    throw noClasses(outputs, image, graph);
  }
  if (wanted === null && best.by === null && isEmbedding(graph, best.name, best.tensor))
    throw embeddingOnly(best.name, factsOf(best.tensor)?.dims ?? []);
  const others = graph.outputs.map(({ name }) => name).filter((name) => name !== best.name);
  const notes = [...pickedNote(best), ...severalNote(best, others, wanted, factsOf)];
  return { name: best.name, tensor: best.tensor, others, labels: best.labels, notes };
}

const CLASSES = /logit|prob|softmax|score|class|pred|label/i;
const FEATURES = /feat|hidden|pool|attn|attention|state|latent/i;
/** Heads that are used in training only. */
const AUXILIARY = /aux/i;

type Candidate = ReturnType<typeof beforeSelection> & { readonly name: string; readonly order: number };

function score(
  { name, tensor, by, order }: Candidate,
  all: readonly Candidate[],
  graph: Graph,
  factsOf: FactsOf,
): number {
  const before = ancestorsOf([tensor], graph.nodes);
  const others = all.filter((other) => other.tensor !== tensor);
  // Classes are computed from an embedding, never the other way round.
  const last = others.some((other) => before.has(other.tensor));
  const count = (each: string): number => elementCount(factsOf(each)?.dims ?? []);
  const depth = depthOf(before, graph);
  const early = others.some(
    (other) =>
      count(other.tensor) === count(tensor) &&
      depthOf(ancestorsOf([other.tensor], graph.nodes), graph) > depth,
  );
  return (
    (CLASSES.test(name) ? 4 : 0) -
    (FEATURES.test(name) || isEmbedding(graph, name, tensor) ? 8 : 0) -
    (AUXILIARY.test(name) ? 6 : 0) -
    (early ? 3 : 0) +
    (last ? 2 : 0) +
    (by === null ? 1 : 0) -
    order / all.length
  );
}

/** Convolutions on the way: an auxiliary head leaves the network before its last ones. */
const depthOf = (before: ReadonlySet<string>, { nodes }: Graph): number =>
  nodes.filter(({ opType, outputs }) => opType === 'Conv' && outputs.some((output) => before.has(output)))
    .length;

const pickedNote = ({ name, tensor, by }: Candidate): readonly string[] =>
  by === null
    ? []
    : [`The output "${name}" is picked by ${by}: what it picks from, "${tensor}", is shown and explained.`];

function severalNote(
  { name }: Candidate,
  others: readonly string[],
  wanted: string | null,
  factsOf: FactsOf,
): readonly string[] {
  if (others.length === 0 || wanted !== null) return [];
  const listed = others.map((other) => `"${other}" [${factsOf(other)?.dims.join(', ') ?? '?'}]`).join(', ');
  return [
    `The file has ${others.length + 1} outputs: "${name}" is read as the classes; the others are ${listed}.`,
  ];
}

const noTensor = ({ name, container = 'sequence' }: ValueInfo): LensError =>
  new LensError('model', `expected an output "${name}" that is a tensor of scores, found a ${container}.`, {
    fix: 'Export the classifier with its probabilities as a tensor (zipmap=False in skl2onnx).',
  });

const noOutput = (wanted: string, { outputs }: Graph): LensError =>
  new LensError(
    'usage',
    `expected an output "${wanted}", found ${outputs.map(({ name }) => `"${name}"`).join(', ')}.`,
    { about: 'output.name', fix: `The file's outputs are ${outputs.map(({ name }) => name).join(', ')}.` },
  );
