/** Which of a model's outputs holds the scores of classes: by what it is called, its shape, and what depends on what. */
import { LensError } from '../../../errors';
import type { Graph, ValueInfo } from '../../../onnx/model';
import { elementCount } from '../../../onnx/model';
import { beforeSelection } from './before-selection';
import { ancestorsOf } from './paths';
import { noClasses } from './no-classes';

type FactsOf = (tensor: string) => { readonly type: string; readonly dims: readonly number[] } | undefined;

export interface ChosenOutput {
  /** As the file calls it. */
  readonly name: string;
  /** What is explained: the output, or what it was picked from. */
  readonly tensor: string;
  readonly others: readonly string[];
  readonly labels: readonly string[] | null;
  /** What was decided, in sentences. */
  readonly notes: readonly string[];
}

/**
 * @param wanted as a lens names it; null lets the graph decide
 * @param image name of the picture's tensor, and its height and width
 * @throws LensError of kind `usage` where there is no such output, `model` where none holds classes, by what the model is instead
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
  const all = named.map(({ name }, order) => ({ name, order, ...beforeSelection(graph, name) }));
  const classes = all.filter(({ tensor }) => isClassList(factsOf(tensor)));
  const [best] = classes.toSorted((a, b) => score(b, classes, graph) - score(a, classes, graph));
  if (best === undefined) {
    // What is not known is said where it begins.
    const container = graph.outputs.find(({ container }) => container !== undefined);
    if (container !== undefined && named.includes(container)) throw noTensor(container);
    const unknown = all.find(({ tensor }) => factsOf(tensor) === undefined);
    if (unknown !== undefined) return { ...unknown, others: [], notes: [] };
    throw noClasses(
      all.map(({ name, tensor }) => ({ name, dims: factsOf(tensor)?.dims })),
      image,
    );
  }
  const others = graph.outputs.map(({ name }) => name).filter((name) => name !== best.name);
  const notes = [...pickedNote(best), ...severalNote(best, others, wanted, factsOf)];
  return { name: best.name, tensor: best.tensor, others, labels: best.labels, notes };
}

/** At most one axis has more than one value: the batch is always one. */
const isClassList = (facts: ReturnType<FactsOf>): boolean =>
  facts !== undefined &&
  /float/.test(facts.type) &&
  elementCount(facts.dims) >= 1 &&
  facts.dims.filter((size) => size !== 1).length <= 1;

const CLASSES = /logit|prob|softmax|score|class|pred|label/i;
const FEATURES = /embed|feat|hidden|pool|attn|attention|state/i;

type Candidate = ReturnType<typeof beforeSelection> & { readonly name: string; readonly order: number };

function score({ name, tensor, by, order }: Candidate, all: readonly Candidate[], { nodes }: Graph): number {
  const before = ancestorsOf([tensor], nodes);
  // Classes are computed from an embedding, never the other way round.
  const last = all.some((other) => other.tensor !== tensor && before.has(other.tensor));
  return (
    (CLASSES.test(name) ? 4 : 0) -
    (FEATURES.test(name) ? 8 : 0) +
    (last ? 2 : 0) +
    (by === null ? 1 : 0) -
    order / all.length
  );
}

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
  const said = others.map((other) => `"${other}" [${factsOf(other)?.dims.join(', ') ?? '?'}]`).join(', ');
  return [
    `The file has ${others.length + 1} outputs: "${name}" is read as the classes; the others are ${said}.`,
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
    { fix: `Outputs of the file are ${outputs.map(({ name }) => name).join(', ')}.` },
  );
