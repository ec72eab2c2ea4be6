/** Which weights an analysis uses, and how they become a network. */
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { AnalysisOptions } from '../../../protocol/analysis';
import { importClassifier, seededClassifier } from '../architectures/classifier';
import type { BuiltNetwork } from '../architectures/network';
import { architectures, findArchitecture } from '../architectures/registry';
import { SEEDED_RULE } from '../architectures/seeded';
import { fromTensorSource } from '../architectures/state-dict';
import { openCheckpoint } from '../checkpoints/open';
import { LensError } from '../errors';
import { isExternal } from '../onnx/model';
import { readModel } from '../onnx/read';
import { isOnnxFile } from '../store/identify';
import type { FileMemo } from '../store/file-memo';
import type { ModelStore } from '../store/store';
import { hashFile } from '../store/store';
import { openOnnxClassifier } from './onnx-classifier';
import type { Recipe } from './recipe';

export interface Network extends BuiltNetwork {
  /** Choices that the file could not decide. */
  readonly notes: readonly string[];
  /** Folder that external weights are relative to; null where all weights are in memory. */
  readonly folder: string | null;
}

export interface Weights {
  /** For people: an id of the store, a file name, or what was generated. */
  readonly name: string;
  /** Null for weights that this project generates. */
  readonly path: string | null;
  readonly untrained: boolean;
  /** Of the file; null for generated weights, whose rule is their identity. */
  sha256(): Promise<string | null>;
  /**
   * Equal only where `load` gives the same network: the content of the file and of what lies beside it, and whatever
   * decides how it is read; for generated weights their rule, architecture and class count.
   */
  identity(): Promise<string>;
  /** @param inputSize side of the square input; null takes the network's own */
  load(inputSize: number | null, signal?: AbortSignal): Promise<Network>;
}

type Wanted = Pick<AnalysisOptions, 'weights' | 'architecture'>;

/**
 * An id of the store, else a path (a file named like an id is meant by ./name); without either the weights imported for
 * the pipeline, else the seeded demo weights.
 * @throws LensError of kind `usage` or `model`
 */
export async function resolveWeights(wanted: Wanted, recipe: Recipe, store: ModelStore): Promise<Weights> {
  const { weights, architecture } = wanted;
  if (weights !== null && weights !== 'demo') {
    const stored = looksLikePath(weights) ? null : await store.find(weights);
    if (stored !== null) return storedWeights(stored, store, architecture);
    if (existsSync(weights)) return fileWeights(resolve(weights), architecture, store.memo);
    throw notFound(
      weights,
      (await store.list()).map(({ id }) => id),
    );
  }
  const own = weights === 'demo' ? null : await store.find(recipe.id);
  return own === null ? demoWeights(recipe, architecture) : storedWeights(own, store, architecture);
}

const looksLikePath = (text: string): boolean => /[/\\]/.test(text);

function notFound(weights: string, known: readonly string[]): LensError {
  const models = known.length === 0 ? 'The store is empty' : `The store holds ${known.join(', ')}`;
  return new LensError(
    'model',
    `There is no file ${resolve(weights)} and no model "${weights}" in the store.`,
    {
      fix: `${models}; import a file with: inference-lens models import <file>`,
    },
  );
}

function storedWeights(
  stored: { id: string; sha256: string; fileName: string; architecture: string; task: string },
  store: ModelStore,
  wanted: string | null,
): Weights {
  if (stored.task !== 'classifier') {
    throw new LensError('model', `The model "${stored.id}" is a ${stored.task}, not a classifier.`, {
      fix: 'Choose a classifier; detectors are used by themselves once they are in the store.',
    });
  }
  const architecture = wanted ?? (stored.architecture === 'onnx' ? null : stored.architecture);
  const sha256 = () => Promise.resolve(stored.sha256);
  return { ...fileWeights(store.pathOf(stored), architecture, store.memo, sha256), name: stored.id };
}

/** @param hash the file's sha256, where it is known already */
function fileWeights(
  path: string,
  architecture: string | null,
  memo: FileMemo,
  hash: () => Promise<string> = () => contentHash(path, memo),
): Weights {
  let found: Promise<string> | undefined;
  const sha256 = () => (found ??= hash());
  return {
    name: basename(path),
    path,
    untrained: false,
    sha256,
    // A file's name can decide its architecture.
    identity: async () =>
      JSON.stringify([await sha256(), basename(path), architecture, await externalHashes(path, memo)]),
    load: (inputSize, signal) =>
      isOnnxFile(path)
        ? loadOnnx(path, architecture, inputSize)
        : load(path, architecture, inputSize, signal),
  };
}

/** Of the files beside an ONNX file that hold its weights: it may stay the same while they change. */
async function externalHashes(path: string, memo: FileMemo): Promise<readonly string[]> {
  if (!isOnnxFile(path)) return [];
  const names = await memo.get(path, 'external data', () => externalNames(path));
  return Promise.all(names.map((name) => contentHash(join(dirname(path), name), memo)));
}

async function externalNames(path: string): Promise<readonly string[]> {
  const { graph } = await readModel(path);
  const names = [...graph.initializers.values()].flatMap(({ data }) =>
    isExternal(data) ? [data.location] : [],
  );
  return [...new Set(names)].sort();
}

async function contentHash(path: string, memo: FileMemo): Promise<string> {
  try {
    if ((await stat(path)).isFile()) return await memo.get(path, 'sha256', () => hashFile(path));
  } catch (thrown) {
    throw new LensError('model', `${path} cannot be read: ${(thrown as Error).message}.`, {
      cause: thrown,
      fix: 'Check the path and its permissions.',
    });
  }
  throw new LensError('model', `${path}: expected a weights file, found a folder.`, {
    fix: 'Name the file inside it.',
  });
}

async function load(
  path: string,
  architecture: string | null,
  inputSize: number | null,
  signal?: AbortSignal,
): Promise<Network> {
  const checkpoint = await openCheckpoint(path, signal === undefined ? {} : { signal });
  try {
    const { network, notes } = await importClassifier(fromTensorSource(checkpoint), {
      source: path,
      ...(inputSize === null ? {} : { inputSize }),
      ...(architecture === null ? {} : { architecture }),
    });
    return { ...network, notes, folder: null };
  } finally {
    await checkpoint.close();
  }
}

async function loadOnnx(
  path: string,
  architecture: string | null,
  inputSize: number | null,
): Promise<Network> {
  if (architecture !== null) {
    throw new LensError('usage', `${path} brings its own architecture; ${architecture} was asked for.`, {
      fix: 'Leave --architecture out: it is for checkpoints.',
    });
  }
  return { ...(await openOnnxClassifier(path, inputSize)), notes: [], folder: dirname(path) };
}

/** Of demo weights where the recipe names no classes: ImageNet's count. */
const UNNAMED_CLASSES = 1000;

/** The recipe's network with seeded weights: exercises everything, predicts nothing. */
function demoWeights(recipe: Recipe, wanted: string | null): Weights {
  const id = wanted ?? recipe.architecture;
  if (id === null) {
    throw new LensError('usage', `The pipeline "${recipe.id}" has no weights of its own.`, {
      fix: 'Name them with --weights <file>: a checkpoint or an .onnx file.',
    });
  }
  const architecture = findArchitecture(id);
  if (architecture === undefined) {
    throw new LensError('usage', `There is no architecture "${id}".`, {
      fix: `Choose one of: ${architectures.map((known) => known.id).join(', ')}.`,
    });
  }
  const classes = recipe.labels.length > 0 ? recipe.labels.length : UNNAMED_CLASSES;
  return {
    name: 'demo',
    path: null,
    untrained: true,
    sha256: () => Promise.resolve(null),
    identity: () => Promise.resolve(`${SEEDED_RULE}:${id}:${classes}`),
    load: async (inputSize) => ({
      ...(await seededClassifier(architecture, {
        classes,
        ...(inputSize === null ? {} : { inputSize }),
      })),
      notes: [],
      folder: null,
    }),
  };
}
