/** Recognizes the network of a state dict by names and shapes. */
import { LensError } from '../errors';
import { summarizeNames } from './beside';
import { candidatesAmong } from './candidates';
import type { Candidate } from './candidates';
import { describeDifference, dims, listed } from './difference';
import { nearestName } from './edit-distance';
import { withCurrentNames } from './legacy-names';
import type { AskedBy, ReadAsOptions } from './read-as';
import { readAs } from './read-as';
import { EXPORT_TO_ONNX, knownButNotBuilt } from './not-built';
import type { Recognizer } from './registry';
import { resolveId } from './registry';
import { recognizers as all, supported } from './recognizers';
import type { Shapes, StateDict } from './state-dict';
import { renamedTensors, shapesOf } from './state-dict';
import { twins } from './twins';
import { prefixBefore } from './wrapper';

export interface RecognizeOptions {
  /** The file, for messages; its name also decides between architectures that share names and shapes. */
  readonly source: string;
  /** The architecture's id, when the user names it, or when it was decided on import. */
  readonly architecture?: string;
  /** `option` by default. */
  readonly architectureBy?: AskedBy;
  /** Those to choose from; all by default. */
  readonly recognizers?: readonly Recognizer[];
}

export interface Recognition {
  readonly id: string;
  readonly task: Recognizer['task'];
  /** What comes before the network's names in the file: '' or `net.`, `module.model.`, ... */
  readonly prefix: string;
  /** The file's tensors under the network's own names. */
  readonly stateDict: StateDict;
  /** What the reader of a report should know: choices that the file could not decide. */
  readonly notes: readonly string[];
  /** As which network a classifier was read and what else it could be; for a detector without twins. */
  readonly readAs: string;
  /** Other networks with the same names and shapes, by the ids that can be requested. */
  readonly twins: readonly string[];
  /** The module that holds the last layer in the file, where it is not where the library has it. */
  readonly renamedHead: string | null;
  /** What the file holds outside the network, larger modules in one word: "n_averaged", "ema.* (122 tensors)". */
  readonly leftAside: readonly string[];
  /** What comes before the names of other whole copies of the network: `ema.`, `teacher.`. */
  readonly copies: readonly string[];
}

/** Below this share of agreeing names a file is not called a damaged copy of an architecture, but unknown. */
const closeEnough = 0.5;

const inAnOnnxFile = {
  code: 'unknown-network',
  fix: EXPORT_TO_ONNX,
} as const;

/**
 * The architecture whose parameters the file holds, each with its shape, and nothing else inside the
 * network's own modules; its last layer may have another name, and there may be tensors outside the network.
 * Throws a `model` error otherwise: what differs from the closest architecture, or, if none is close, what
 * the file holds and what is supported.
 */
export function recognize(file: StateDict, options: RecognizeOptions): Recognition {
  const { source } = options;
  const stateDict = withCurrentNames(file);
  const shapes = shapesOf(stateDict);
  const recognizers = chosen(options);
  // A file that holds the anchor of none is compared with all.
  const anchored = recognizers.filter(({ anchor }) => prefixBefore(anchor, shapes.keys()) !== null);
  const other = options.architecture === undefined ? knownButNotBuilt(shapes.keys()) : null;
  // Before the comparison, since walking every network takes half a second.
  if (other !== null && anchored.length === 0) throw notBuilt(source, other);
  const least = options.architecture === undefined ? closeEnough : 0;
  const candidates = candidatesAmong(anchored.length > 0 ? anchored : recognizers, shapes, {
    least,
    anchored: anchored.length > 0,
  });
  const [match] = fewestLeftAside(candidates.exact());
  if (match !== undefined) {
    const { recognizer, prefix, names, renamedHead, leftAside, copies } = match;
    if (!match.clear) throw unclear(source, match);
    return {
      ...readAs(recognizer.id, { source, layout: { prefix, renamedHead }, ...askedFor(options) }),
      task: recognizer.task,
      prefix,
      stateDict: renamedTensors(stateDict, names),
      renamedHead,
      leftAside: summarizeNames(leftAside, copies),
      copies,
    };
  }
  if (other !== null) throw notBuilt(source, other);
  const closest = candidates.closest();
  if (closest !== null) throw mismatch(source, closest);
  const namesake = candidates.namesake();
  throw namesake === null ? unknown(source, shapes) : otherShapes(source, namesake);
}

function askedFor({
  architecture,
  architectureBy = 'option',
  source,
}: RecognizeOptions): Pick<ReadAsOptions, 'asked'> {
  if (architecture === undefined) return {};
  return { asked: { id: resolveId(architecture, source)?.id ?? architecture, by: architectureBy } };
}

/** The recognizers to try: all, or the one that the user named. */
function chosen(options: RecognizeOptions): readonly Recognizer[] {
  const { architecture, source, recognizers = all } = options;
  if (architecture === undefined) return recognizers;
  const known = resolveId(architecture, source)?.known ?? architecture;
  const named = recognizers.filter(({ id }) => id === known);
  if (named.length > 0) return named;
  const ids = [...recognizers.map(({ id }) => id), ...twins.map(({ id }) => id)];
  const nearest = nearestName(architecture, ids);
  throw new LensError('usage', `There is no architecture "${architecture}".`, {
    fix: `${nearest === null ? '' : `Did you mean "${nearest}"? `}Known are ${recognizers.map(({ id }) => id).join(', ')}.`,
  });
}

/** Prefers networks that account for more of the file's tensors. */
function fewestLeftAside(candidates: readonly Candidate[]): readonly Candidate[] {
  const fewest = Math.min(...candidates.map(({ leftAside }) => leftAside.length));
  return candidates.filter(({ leftAside }) => leftAside.length === fewest);
}

const notBuilt = (source: string, what: string): LensError =>
  new LensError(
    'model',
    `${source}: has the tensors of ${what}, which Inference Lens cannot build from a checkpoint.`,
    inAnOnnxFile,
  );

function otherShapes(source: string, { recognizer, prefix, difference }: Candidate): LensError {
  const wrapped = prefix === '' ? '' : ` (wrapped as "${prefix}")`;
  const shapes = describeDifference(difference).join(' ');
  return new LensError(
    'model',
    `${source}: has the names of ${recognizer.id}${wrapped}, but other shapes, as a network that was pruned or made with other widths. ${shapes}`,
    inAnOnnxFile,
  );
}

function unclear(source: string, { recognizer, prefix, copies }: Candidate): LensError {
  const names = [prefix, ...copies].map((copy) => copy.replace(/\.$/, ''));
  return new LensError(
    'model',
    `${source}: expected one ${recognizer.id}, found ${names.length}, under ${listed(names, 8, (name) => `"${name}"`)}.`,
    {
      code: 'unknown-network',
      fix: 'Say which of them is the network.',
      remedies: [{ do: 'choose-state-dict', names }],
    },
  );
}

function mismatch(source: string, candidate: Candidate): LensError {
  const { recognizer, prefix, difference, headProblem } = candidate;
  const wrapped = prefix === '' ? '' : ` (wrapped as "${prefix}")`;
  const root = `${recognizer.head?.root ?? ''}.`;
  const trunkFits = [...difference.missing, ...difference.misshaped.map(({ name }) => name)].every((name) =>
    name.startsWith(root),
  );
  if (headProblem !== null && trunkFits) {
    return new LensError('model', `${source}: is ${recognizer.id}${wrapped}, but its head ${headProblem}.`, {
      code: 'unknown-network',
      fix: 'What lies between two layers is not in the file: export the whole network as an ONNX file.',
    });
  }
  const lines = describeDifference(difference);
  return new LensError(
    'model',
    [`${source}: closest to ${recognizer.id}${wrapped}, but its tensors differ.`, ...lines].join(' '),
    {
      code: 'unknown-network',
      fix:
        'If that is the network, save its whole state dict as its library defines it; ' +
        'any other network can be used as an ONNX file.',
    },
  );
}

function unknown(source: string, shapes: Shapes): LensError {
  const found =
    shapes.size === 0
      ? 'no tensors'
      : `${shapes.size} tensors: ${listed([...shapes], 6, ([name, shape]) => `"${name}" ${dims(shape)}`)}`;
  return new LensError('model', `${source}: expected a network of a known architecture, found ${found}.`, {
    code: 'unknown-network',
    fix: `Supported are ${supported.join('; ')}. Any other network can be used as an ONNX file.`,
  });
}
