/** Which weights an analysis uses, and how they become a network. */
import { existsSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import type { AnalysisOptions } from '../../../../protocol/analysis';
import type { AskedBy } from '../../architectures/read-as';
import { mainFile } from '../../checkpoints/shards';
import { LensError, namingModel } from '../../errors';
import type { StoredModel } from '../../store/entry';
import type { IdentifyOptions } from '../../store/identify';
import { isOnnxFile, metadataIn } from '../../store/model-files';
import { shipped, shippedFile } from '../../store/shipped';
import type { ModelStore } from '../../store/store';
import { endsInLogits, sideOf } from './built-here';
import type { DefaultWeights, LoadOptions, Network, Weights } from './loadable';
import { WeightsContent } from './weights-content';

export type { DefaultWeights, LoadOptions, Network, Weights } from './loadable';

/** Reads checkpoints and knows their networks: loaded only when a file is examined, which the cache makes rare. */
const identifying = () => import('../../store/identify');

type Wanted = Pick<AnalysisOptions, 'weights' | 'architecture' | 'stateDict'>;

/** Options that decide how a file is read. */
interface Reading extends Pick<AnalysisOptions, 'architecture' | 'stateDict'> {
  /** Where the architecture is from; an option by default. */
  readonly architectureBy?: AskedBy;
}

/**
 * The network that ships, an id of the store, else a path (a file named like an id is meant by ./name); without any the weights imported
 * for the lens; seeded demo weights only as `demo`, since untrained ones would answer a question about a picture with nothing.
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
  if (weights === 'demo') {
    if (stateDict !== null) throw (await identifying()).stateDictOfOther('the demo weights', stateDict);
    return (await import('./demo-weights')).demoWeights(defaults, architecture);
  }
  const own = await ownWeights(defaults, store);
  if (own !== null) return storedWeights(own, store, wanted);
  throw (await import('./demo-weights')).noWeights(defaults, architecture);
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

const ownWeights = ({ id }: DefaultWeights, store: ModelStore): Promise<StoredModel | null> =>
  id === null ? Promise.resolve(null) : store.find(id);

const looksLikePath = (text: string): boolean => /[/\\]/.test(text);

function notFound(weights: string, known: readonly string[]): LensError {
  const models = known.length === 0 ? 'The store is empty' : `The store holds ${known.join(', ')}`;
  return new LensError(
    'model',
    `There is no file ${resolve(weights)} and no model "${weights}" in the store.`,
    {
      code: 'no-model',
      fix: `${models}.`,
      remedies: ['import-file'],
    },
  );
}

function storedWeights(stored: StoredModel, store: ModelStore, wanted: Reading): Weights {
  if (stored.task !== 'classifier') {
    throw new LensError('model', `The model "${stored.id}" is a ${stored.task}, not a classifier.`, {
      fix: 'Detectors are used to find faces as soon as they are in the store.',
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
    beside: async () => (await content.hashes()).slice(1),
    identity: async () =>
      JSON.stringify([
        await namingModel(path, () => content.hashes()),
        basename(path),
        await namesIn(path),
        reading,
      ]),
    change: () => content.change(),
    stored: null,
    classes: async () =>
      isOnnxFile(path) ? null : (await identifying()).classesIn(path, asIdentified(reading)),
    architecture: () => (recognized ??= recognizedAs(path, reading)),
    metadata: () => metadataIn(path),
    load: async (wanted, signal) => {
      const network = await (isOnnxFile(path)
        ? loadOnnx(path, reading, wanted)
        : load(path, reading, sideOf(path, wanted), wanted.values, signal));
      // Nothing that is computed from its content.
      if (wanted.values !== false) await content.requireSame();
      return network;
    },
  };
}

/** Network names in a checkpoint's path, which can decide its architecture. */
const namesIn = async (path: string): Promise<readonly string[]> =>
  isOnnxFile(path) ? [] : (await import('../../architectures/read-as')).namesInPath(path);

/** Detectors are not explained; an ONNX file is examined when it is loaded. */
async function recognizedAs(path: string, asked: Reading): Promise<string> {
  if (isOnnxFile(path)) {
    await refuseForOnnx(path, asked);
    return 'onnx';
  }
  const { architecture, task } = await (await identifying()).identify(path, asIdentified(asked));
  if (task === 'classifier') return architecture;
  throw new LensError('model', `${path}: expected a classifier, found ${architecture}, which is not one.`, {
    fix: 'The weights of a face detector are used to find faces as soon as they are imported.',
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
  values = true,
  signal?: AbortSignal,
): Promise<Network> {
  const { describeReading, fromTensorSource, importClassifier, openCheckpoint } = await import('./readers');
  const checkpoint = await openCheckpoint(path, {
    ...(signal === undefined ? {} : { signal }),
    ...(stateDict === null ? {} : { location: stateDict }),
  });
  try {
    const { network, ...found } = await importClassifier(fromTensorSource(checkpoint), {
      ...{ source: path, values },
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

async function refuseForOnnx(path: string, { architecture, stateDict }: Reading): Promise<void> {
  if (architecture === null && stateDict === null) return;
  const { architectureOfOnnx, stateDictOfOther } = await identifying();
  if (architecture !== null) throw architectureOfOnnx(path, architecture);
  if (stateDict !== null) throw stateDictOfOther(path, stateDict);
}

async function loadOnnx(path: string, reading: Reading, wanted: LoadOptions): Promise<Network> {
  await refuseForOnnx(path, reading);
  const { openOnnxClassifier } = await import('./readers');
  return {
    ...(await openOnnxClassifier(path, wanted)),
    checkpoint: null,
    folder: dirname(path),
    source: path,
  };
}
