/**
 * Which lens an analysis obeys, and through it which weights. A lens that was requested holds as long as it fits; without one, the model
 * and the files beside it are read, and last the architecture: no network gets another's labels and preprocessing without a warning.
 */
import type { AnalysisOptions } from '../../../protocol/options';
import { LensError } from '../errors';
import type { NamedLens } from '../lens/lens-file';
import { builtInLens, builtInLenses, openLens } from '../lens/lens-file';
import { labelsOfLens } from '../lens/lens-labels';
import { OWN, pathInLens } from '../lens/lens-paths';
import type { LoadPlan, Preparation, ResolvedLens } from '../lens/resolve';
import { lensNamed, loadPlan, preparation, resolveLens } from '../lens/resolve';
import { fromArchitecture } from '../lens/sources/architecture';
import type { PassedOver } from '../lens/sources/files';
import { filesBeside, lensBeside, lensPlace, passedOver } from '../lens/sources/files';
import { fromLens } from '../lens/sources/from-lens';
import { guess } from '../lens/sources/guess';
import { fromGraph, fromImageEntries, fromMetadata } from '../lens/sources/metadata';
import { fromOptions } from '../lens/sources/option';
import { fromStore } from '../lens/sources/store';
import type { ModelFacts, LensSource } from '../lens/values';
import { patternsIn } from '../layers/patterns';
import { idFromFileName } from '../store/entry';
import { shipped } from '../store/shipped';
import type { ModelStore } from '../store/store';
import { borrowed } from './borrowed-lens';
import { agreeWithConfig } from './network-beside';
import type { About } from './network/prepare';
import { provedBy } from './network/proved-network';
import { feedFor, orderDoubt, rangeTaken } from './steps/feed';
import type { DefaultWeights, Weights } from './network/weights';
import { resolveWeights } from './network/weights';

/** For weights in the store under its name, and for the demo. */
const DEFAULT_LENS = 'fsbi';

type Wanted = Pick<
  AnalysisOptions,
  | ('lens' | 'pipeline' | 'weights' | 'architecture' | 'stateDict')
  | ('target' | 'activation' | 'detector' | 'crop' | 'methods' | 'layers')
> & {
  /** The lens itself, where the file on disk is not the one meant: replaces `lens`. */
  readonly opened?: NamedLens;
};

/** What a lens is compared with. */
export type KnownNetwork = Pick<
  About,
  'architecture' | 'classes' | 'logits' | 'inputShape' | 'proved' | 'metadata'
>;

/** What is known before the network is loaded, and how the rest is found once it is. */
export interface ChosenLens {
  /** For the name of the report's folder: the lens's name, else that of the weights. */
  readonly id: string;
  readonly weights: Weights;
  readonly plan: LoadPlan;
  /** Where the network looks; steps are null where only the loaded network can tell. */
  readonly early: Preparation;
  /** @throws LensError of kind `usage` where the network proves something that the lens contradicts */
  readonly resolve: (about: KnownNetwork) => Promise<FittedLens>;
}

export interface FittedLens extends ResolvedLens {
  /** The warning that the lens belongs to another network; null where it does not. */
  readonly borrowed: string | null;
  /** Files beside the weights that were not read, because the folder is not trusted. */
  readonly passedOver: readonly PassedOver[];
  /** What is done differently because the graph does it itself, in sentences. */
  readonly notes: readonly string[];
}

export interface LensTrust {
  /** Whether files that nobody named, and those that a lens names outside of its folder, may be read. */
  readonly trusted: boolean;
}

interface Given {
  readonly lens: NamedLens;
  /** Requested as a pipeline, whose size has never been binding. */
  readonly asPipeline: boolean;
  readonly subject: string;
}

/** @throws LensError of kind `usage` or `model` */
export async function chooseLens(
  options: Wanted,
  store: ModelStore,
  find: (look: () => Promise<Weights>) => Promise<Weights>,
  trust: LensTrust = { trusted: true },
): Promise<ChosenLens> {
  const given = await givenLens(options);
  const weights = await find(async () => {
    const named = await namedWeights(options, given, store, trust);
    const found = await resolveWeights({ ...options, weights: named.weights }, named.defaults, store);
    return named.again === undefined ? found : examinedAgain(found, named.again);
  });
  const architecture = await weights.architecture();
  const facts: ModelFacts = {
    ...{ name: weights.name, path: isPlainFile(weights) ? weights.path : null, architecture },
    ...{
      sha256: () => weights.sha256(),
      classes: () => weights.classes(),
      metadata: await weights.metadata(),
      proved: null,
    },
  };
  if (trust.trusted && facts.path !== null)
    await agreeWithConfig(facts.path, () => Promise.resolve(architecture));
  const found = await sources(options, given, weights, facts, trust);
  const derived = await derivedFrom(facts, trust);
  const before = [...found.stated, ...derived, found.architecture];
  return {
    id: lensNamed(before)?.name ?? idFromFileName(weights.name),
    weights,
    plan: loadPlan(before),
    early: earlyPreparation(before, derived),
    resolve: async (about) => {
      const proved = provedBy(about, weights);
      const loaded = { ...facts, proved, metadata: new Map(Object.entries(about.metadata)) };
      const inside = [fromGraph(loaded), ...(await derivedFrom(loaded, trust))];
      const stated = found.stated.map((each) =>
        each?.origin === 'lens' ? ofPipeline(each, given, loaded) : each,
      );
      const all = [...stated, ...inside, found.architecture, guess(loaded)];
      return {
        ...fed(resolveLens(all, proved), about),
        borrowed: given === null ? null : await borrowed(given, about),
        passedOver: await passedOver(loaded, trust),
      };
    },
  };
}

/** What the model's writer left in it and beside it. */
const derivedFrom = async (facts: ModelFacts, trust: LensTrust): Promise<readonly (LensSource | null)[]> => [
  fromMetadata(facts),
  await filesBeside(facts, trust),
  fromImageEntries(facts),
];

/** Derived steps may depend on what only the loaded network can tell. */
function earlyPreparation(
  before: readonly (LensSource | null)[],
  derived: readonly (LensSource | null)[],
): Preparation {
  const found = preparation(before);
  const by = before.find((each) => each !== null && each.values.preprocess !== undefined);
  return derived.includes(by ?? null) && by !== undefined ? { ...found, preprocess: null } : found;
}

/** Leaves out what the graph does itself; the report says so. */
function fed(lens: ResolvedLens, { proved }: KnownNetwork): ResolvedLens & Pick<FittedLens, 'notes'> {
  const { subject, toTheLetter } = lens.prepared;
  if (toTheLetter) {
    const doubt = orderDoubt({ ...lens, subject }, proved);
    return { ...lens, range: lens.range ?? rangeTaken(proved), notes: doubt === null ? [] : [doubt] };
  }
  const { preprocess, range, notes } = feedFor({ ...lens, subject }, proved);
  const left = lens.preprocess.filter((step) => !preprocess.includes(step));
  const added = preprocess.filter((step) => !lens.preprocess.includes(step));
  if (left.length === 0 && added.length === 0) return { ...lens, preprocess, range, notes };
  const how = added.length === 0 ? 'minus what the graph does itself' : 'as the graph takes its channels';
  const values = lens.report.values.map((value) =>
    value.key === 'preprocess' ? { ...value, value: preprocess, detail: `${value.detail}; ${how}` } : value,
  );
  return { ...lens, preprocess, range, notes, report: { ...lens.report, values } };
}

async function sources(
  options: Wanted,
  given: Given | null,
  { stored, reference }: Weights,
  facts: ModelFacts,
  trust: LensTrust,
): Promise<{ readonly stated: readonly (LensSource | null)[]; readonly architecture: LensSource | null }> {
  return {
    stated: [
      fromOptions({ ...options, layers: options.layers === null ? null : patternsIn(options.layers) }),
      given === null ? null : await fromLens(given.lens, 'lens', given.subject, trust),
      await besideOther(given, facts, trust),
      stored === null ? null : await fromStore(stored),
      reference === shipped.id ? await ofShipped() : null,
    ],
    architecture: await fromArchitecture(facts),
  };
}

/** The lens beside the model, unless that is the given one, which may be newer than the file on disk. */
async function besideOther(
  given: Given | null,
  facts: ModelFacts,
  trust: LensTrust,
): Promise<LensSource | null> {
  const own = given === null ? null : given.lens.path;
  return own !== null && own === (await lensPlace(facts.path)) ? null : lensBeside(facts, trust);
}

/** Neither from the store nor the one that ships: files beside it describe it. */
const isPlainFile = ({ stored, reference }: Weights): boolean => stored === null && reference !== shipped.id;

async function ofShipped(): Promise<LensSource | null> {
  const lens = builtInLens(shipped.id);
  return lens === null ? null : fromLens(lens, 'lens', `The lens ${shipped.id}`, OWN);
}

/** A network with a fixed size gets the picture at that size. */
function ofPipeline(source: LensSource, given: Given | null, { proved }: ModelFacts): LensSource {
  if (given?.asPipeline !== true || proved?.sizeIsFixed !== true) return source;
  const values = Object.entries(source.values).filter(([key]) => key !== 'input.size');
  return { ...source, values: Object.fromEntries(values) };
}

async function givenLens({ lens, pipeline, opened }: Wanted): Promise<Given | null> {
  const asked = opened ?? (lens === null ? null : await openLens(lens));
  if (asked !== null)
    return { lens: asked, asPipeline: false, subject: `The lens ${asked.path ?? asked.name}` };
  if (pipeline === null) return null;
  const known = builtInLens(pipeline);
  if (known !== null) return { lens: known, asPipeline: true, subject: `The pipeline ${pipeline}` };
  throw new LensError('usage', `There is no pipeline "${pipeline}".`, {
    fix: `Choose one of: ${builtInLenses().join(', ')}.`,
  });
}

interface NamedWeights {
  readonly weights: string | null;
  readonly defaults: DefaultWeights;
  /** Of a file that an untrusted lens names. @throws LensError of kind `usage` where it may no longer do so */
  readonly again?: () => Promise<unknown>;
}

/** A link to the weights may have been replaced since their path was examined: what was loaded counts only if it has not. */
const examinedAgain = (weights: Weights, again: () => Promise<unknown>): Weights => ({
  ...weights,
  load: async (wanted, signal) => {
    const network = await weights.load(wanted, signal);
    await again();
    return network;
  },
});

/** The requested weights, else the lens's; with neither, FSBI's from the store, else the network that ships. */
async function namedWeights(
  { weights, architecture, stateDict }: Wanted,
  given: Given | null,
  store: ModelStore,
  trust: LensTrust,
): Promise<NamedWeights> {
  const lens = given?.lens ?? builtInLens(DEFAULT_LENS);
  const { model } = lens?.lens ?? {};
  const isBuiltIn =
    model !== undefined && (await import('../architectures/registry')).findArchitecture(model) !== undefined;
  const own = isBuiltIn && (architecture === null || architecture === model);
  const labels = (given !== null || own) && lens !== null ? await labelsOfLens(lens, trust) : null;
  const defaults = {
    id: given !== null || own ? (lens?.name ?? null) : null,
    architecture: isBuiltIn ? model : null,
    classes: labels?.labels.length ?? null,
    subject:
      given?.subject ??
      (architecture === null ? `The lens ${DEFAULT_LENS}` : `The architecture ${architecture}`),
  };
  const nothingRequested = weights === null && given === null && architecture === null && stateDict === null;
  if (nothingRequested && (await store.find(DEFAULT_LENS)) === null) return { weights: shipped.id, defaults };
  if (weights !== null || given === null || model === undefined || isBuiltIn) return { weights, defaults };
  if (model === shipped.id) return { weights: model, defaults };
  const stored = /[/\\]/.test(model) ? null : await store.find(model);
  if (stored !== null) return { weights: model, defaults };
  const find = (): Promise<string> => pathInLens({ lens: given.lens, key: 'model', text: model, ...trust });
  return { weights: await find(), defaults, ...(trust.trusted ? {} : { again: find }) };
}
