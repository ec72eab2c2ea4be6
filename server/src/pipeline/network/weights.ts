/** Which weights an analysis uses, and how they become a network. */
import { existsSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import type { AnalysisOptions } from '../../../../protocol/analysis';
import type { CheckpointReport } from '../../../../protocol/report';
import { importClassifier, seededClassifier } from '../../architectures/classifier';
import type { BuiltNetwork } from '../../architectures/network';
import { describeReading } from '../../architectures/reading';
import type { AskedBy } from '../../architectures/read-as';
import { spokenNames } from '../../architectures/read-as';
import { architectures, findArchitecture } from '../../architectures/registry';
import { SEEDED_RULE } from '../../architectures/seeded';
import { fromTensorSource } from '../../architectures/state-dict';
import { openCheckpoint } from '../../checkpoints/open';
import { mainFile } from '../../checkpoints/shards';
import { LensError, namingModel } from '../../errors';
import type { StoredModel } from '../../store/entry';
import type { IdentifyOptions } from '../../store/identify';
import { architectureOfOnnx, classesIn, identify, stateDictOfOther } from '../../store/identify';
import type { InputSize } from '../../lens/values';
import { isOnnxFile, metadataIn } from '../../store/model-files';
import { shipped, shippedFile } from '../../store/shipped';
import type { ModelStore } from '../../store/store';
import { ofLogits, type ReadActivation } from './activation';
import type { FileForm } from './onnx/as-file';
import { openOnnxClassifier } from './onnx/open';
import type { Proved } from './onnx/proved';
import { WeightsContent } from './weights-content';

export interface Network extends BuiltNetwork, ReadActivation {
  /** Choices that the file could not decide. */
  readonly notes: readonly string[];
  /** How the checkpoint was read; null where there was none. */
  readonly checkpoint: CheckpointReport | null;
  /** An ONNX file as it is, where it does not compute in float32 throughout. */
  readonly file?: FileForm | null;
  /** What an ONNX graph proves of its own inference; null for networks that are built here. */
  readonly proved: Proved | null;
  /** What an ONNX file says of itself. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Folder that external weights are relative to; null where all weights are in memory. */
  readonly folder: string | null;
  /** The user's file, or what was generated: names the network in messages. */
  readonly source: string;
}

export interface LoadOptions {
  /** Where the network leaves it open; null for its own. */
  readonly inputSize: InputSize | null;
  /** Of a network with several outputs; null for the one that holds the classes. */
  readonly outputName?: string | null;
}

export interface Weights {
  /** For people: an id of the store, a file name, or what was generated. */
  readonly name: string;
  /** What to ask for to get them again: an id of the store, an absolute path, or `demo`. */
  readonly reference: string;
  /** Null for weights that this project generates. */
  readonly path: string | null;
  readonly untrained: boolean;
  /** Of the file when this was first asked; null for generated weights, whose rule is their identity. */
  sha256(): Promise<string | null>;
  /**
   * Equal only where `load` gives the same network: the content of the file and of what lies beside it, and whatever
   * decides how it is read; for generated weights their rule, architecture and class count. Stays what it was when first
   * asked, whatever becomes of the file.
   */
  identity(): Promise<string>;
  /**
   * @throws LensError of kind `model` also if the file no longer holds what `identity` says
   */
  load(wanted: LoadOptions, signal?: AbortSignal): Promise<Network>;
  /** Where the weights are from the store: their record. */
  readonly stored: StoredModel | null;
  /** How many classes the last layer has, read from names and shapes; null where only loading the file tells. */
  readonly classes: () => Promise<number | null>;
  /** What an ONNX file says of itself, read without loading it; empty for all others. */
  readonly metadata: () => Promise<ReadonlyMap<string, string>>;
  /** Id of the architecture, `onnx` where the file brings its own; read from names and shapes. @throws LensError of kind `model` */
  readonly architecture: () => Promise<string>;
  /** What became of the file since `identity` was asked, to end a sentence; null if nothing did. */
  change(): Promise<string | null>;
}

type Wanted = Pick<AnalysisOptions, 'weights' | 'architecture' | 'stateDict'>;

/** What decides how a file is read. */
interface Reading extends Pick<AnalysisOptions, 'architecture' | 'stateDict'> {
  /** Where the architecture is from; an option where nothing is said. */
  readonly architectureBy?: AskedBy;
}

/**
 * The network that ships, an id of the store, else a path (a file named like an id is meant by ./name); without any the weights imported
 * for the lens, else the seeded demo weights.
 * @throws LensError of kind `usage` or `model`
 */
export async function resolveWeights(
  wanted: Wanted,
  defaults: DefaultWeights,
  store: ModelStore,
): Promise<Weights> {
  const { weights, architecture, stateDict } = wanted;
  if (weights === shipped.id) return shippedWeights(store, wanted);
  if (weights !== null && weights !== 'demo') {
    const stored = looksLikePath(weights) ? null : await store.find(weights);
    if (stored !== null) return storedWeights(stored, store, wanted);
    if (existsSync(weights)) {
      return fileWeights(new WeightsContent(await mainFile(resolve(weights)), store.memo), {
        architecture,
        stateDict,
      });
    }
    throw notFound(
      weights,
      (await store.list()).map(({ id }) => id),
    );
  }
  const own = weights === 'demo' ? null : await ownWeights(defaults, store);
  if (own !== null) return storedWeights(own, store, wanted);
  if (stateDict !== null) throw stateDictOfOther('the demo weights', stateDict);
  return demoWeights(defaults, architecture);
}

function shippedWeights(store: ModelStore, { architecture, stateDict }: Wanted): Weights {
  const weights = fileWeights(new WeightsContent(shippedFile(), store.memo), { architecture, stateDict });
  const known = architecture === null && stateDict === null;
  return {
    ...weights,
    ...{ name: shipped.id, reference: shipped.id },
    ...(known ? { architecture: () => Promise.resolve(shipped.architecture) } : {}),
  };
}

/** What a lens stands for where no weights are named. */
export interface DefaultWeights {
  /** Weights in the store that carry the lens's name; null where that is not looked for. */
  readonly id: string | null;
  /** Of the demo weights; null where the lens has none of its own. */
  readonly architecture: string | null;
  /** Null where the lens does not name them. */
  readonly classes: number | null;
  /** How errors call the lens. */
  readonly subject: string;
}

const ownWeights = ({ id }: DefaultWeights, store: ModelStore): Promise<StoredModel | null> =>
  id === null ? Promise.resolve(null) : store.find(id);

const looksLikePath = (text: string): boolean => /[/\\]/.test(text);

function notFound(weights: string, known: readonly string[]): LensError {
  const models = known.length === 0 ? 'The store is empty' : `The store holds ${known.join(', ')}`;
  return new LensError(
    'model',
    `There is no file ${resolve(weights)} and no model "${weights}" in the store.`,
    {
      fix: `${models}.`,
      remedies: ['import-file'],
    },
  );
}

function storedWeights(stored: StoredModel, store: ModelStore, wanted: Reading): Weights {
  if (stored.task !== 'classifier') {
    throw new LensError('model', `The model "${stored.id}" is a ${stored.task}, not a classifier.`, {
      fix: 'Detectors find faces by themselves once they are in the store.',
      remedies: ['choose-weights'],
    });
  }
  const recorded = stored.architecture === 'onnx' ? null : stored.architecture;
  const architecture = wanted.architecture ?? recorded;
  const architectureBy = wanted.architecture === null ? 'import' : 'option';
  const stateDict = wanted.stateDict ?? stored.stateDict ?? null;
  const content = new WeightsContent(store.pathOf(stored), store.memo, stored.sha256);
  const weights = fileWeights(content, { architecture, architectureBy, stateDict });
  return {
    ...weights,
    ...{ name: stored.id, reference: stored.id, stored },
    architecture:
      wanted.architecture === null && wanted.stateDict === null
        ? () => Promise.resolve(stored.architecture)
        : weights.architecture,
  };
}

function fileWeights(content: WeightsContent, reading: Reading): Weights {
  const { path } = content;
  let recognized: Promise<string> | null = null;
  return {
    name: basename(path),
    reference: path,
    path,
    untrained: false,
    sha256: () => content.sha256(),
    // A file's name can decide its architecture.
    identity: async () =>
      JSON.stringify([
        await namingModel(path, () => content.hashes()),
        basename(path),
        spokenNames(path),
        reading,
      ]),
    change: () => content.change(),
    stored: null,
    classes: () => classesIn(path, asIdentified(reading)),
    architecture: () => (recognized ??= recognizedAs(path, reading)),
    metadata: () => metadataIn(path),
    load: async (wanted, signal) => {
      const network = await (isOnnxFile(path)
        ? loadOnnx(path, reading, wanted)
        : load(path, reading, sideOf(path, wanted), signal));
      await content.requireSame();
      return network;
    },
  };
}

/** Networks that are built here take squares. @throws LensError of kind `usage` naming the network */
function sideOf(source: string, { inputSize }: LoadOptions): number | null {
  if (inputSize === null) return null;
  const [height, width] = inputSize;
  if (height === width) return height;
  throw new LensError('usage', `${source} takes squares; ${width}x${height} pixels (WxH) were asked for.`, {
    fix: 'Give one side as the size of its input.',
    remedies: ['choose-lens'],
  });
}

/** A detector is none of the networks that are explained; an ONNX file is opened when it is loaded. */
async function recognizedAs(path: string, asked: Reading): Promise<string> {
  if (isOnnxFile(path)) {
    refuseForOnnx(path, asked);
    return 'onnx';
  }
  const { architecture, task } = await identify(path, asIdentified(asked));
  if (task === 'classifier') return architecture;
  throw new LensError('model', `${path}: expected a classifier, found ${architecture}, which is none.`, {
    fix: 'Weights of a face detector find faces by themselves once they are imported.',
    remedies: ['import-file'],
  });
}

const asIdentified = ({ architecture, stateDict }: Reading): IdentifyOptions => ({
  ...(architecture === null ? {} : { architecture }),
  ...(stateDict === null ? {} : { stateDict }),
});

async function load(
  path: string,
  { architecture, architectureBy = 'option', stateDict }: Reading,
  inputSize: number | null,
  signal?: AbortSignal,
): Promise<Network> {
  const checkpoint = await openCheckpoint(path, {
    ...(signal === undefined ? {} : { signal }),
    ...(stateDict === null ? {} : { location: stateDict }),
  });
  try {
    const { network, ...found } = await importClassifier(fromTensorSource(checkpoint), {
      source: path,
      ...(inputSize === null ? {} : { inputSize }),
      ...(architecture === null ? {} : { architecture, architectureBy }),
    });
    return {
      ...network,
      ...endsInLogits(network),
      notes: found.notes,
      checkpoint: describeReading(checkpoint, found, stateDict),
      proved: null,
      metadata: {},
      folder: null,
      source: path,
    };
  } finally {
    await checkpoint.close();
  }
}

function refuseForOnnx(path: string, { architecture, stateDict }: Reading): void {
  if (architecture !== null) throw architectureOfOnnx(path, architecture);
  if (stateDict !== null) throw stateDictOfOther(path, stateDict);
}

async function loadOnnx(path: string, reading: Reading, wanted: LoadOptions): Promise<Network> {
  refuseForOnnx(path, reading);
  return {
    ...(await openOnnxClassifier(path, wanted)),
    checkpoint: null,
    folder: dirname(path),
    source: path,
  };
}

/** Every architecture that is built here ends in a linear layer. */
const endsInLogits = ({ id, logits, classes }: BuiltNetwork): ReadActivation => ({
  activation: ofLogits(classes, 'architecture', `${id} ends in logits`),
  outputs: logits,
  width: classes,
});

/** Of demo weights where nobody names the classes: ImageNet's count. */
const UNNAMED_CLASSES = 1000;

/** The lens's network with seeded weights: exercises everything, predicts nothing. */
function demoWeights(defaults: DefaultWeights, wanted: string | null): Weights {
  const id = wanted ?? defaults.architecture;
  if (id === null) {
    throw new LensError('usage', `${defaults.subject} has no weights of its own.`, {
      remedies: ['choose-weights'],
    });
  }
  const architecture = findArchitecture(id);
  if (architecture === undefined) {
    throw new LensError('usage', `There is no architecture "${id}".`, {
      fix: `Choose one of: ${architectures.map((known) => known.id).join(', ')}.`,
    });
  }
  const classes = defaults.classes ?? UNNAMED_CLASSES;
  return {
    name: 'demo',
    reference: 'demo',
    path: null,
    untrained: true,
    sha256: () => Promise.resolve(null),
    identity: () => Promise.resolve(`${SEEDED_RULE}:${id}:${classes}`),
    change: () => Promise.resolve(null),
    stored: null,
    classes: () => Promise.resolve(classes),
    architecture: () => Promise.resolve(id),
    metadata: () => Promise.resolve(new Map()),
    load: async (asked) => {
      const inputSize = sideOf(id, asked);
      const network = await seededClassifier(architecture, {
        classes,
        ...(inputSize === null ? {} : { inputSize }),
      });
      return {
        ...network,
        ...endsInLogits(network),
        ...{ notes: [], checkpoint: null, proved: null, metadata: {}, folder: null, source: 'demo' },
      };
    },
  };
}
