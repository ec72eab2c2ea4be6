/** What a weights file is: its format, and the network that its tensors belong to. */
import { basename } from 'node:path';
import { describeReading, readingNotes } from '../architectures/reading';
import { recognize } from '../architectures/recognize';
import { recognizers } from '../architectures/recognizers';
import { findHead } from '../architectures/head';
import { findArchitecture } from '../architectures/registry';
import { fromTensorSource, shapesOf } from '../architectures/state-dict';
import { openCheckpoint } from '../checkpoints/open';
import { LensError } from '../errors';
import type { Model } from '../onnx/model';
import { countParameters } from '../onnx/count-parameters';
import { readModel } from '../onnx/read';
import { isOnnxFile } from './model-files';

export interface Identity {
  readonly format: 'torch-zip' | 'torch-legacy' | 'safetensors' | 'onnx';
  readonly task: 'classifier' | 'detector';
  /** `onnx` for graphs, which bring their own architecture. */
  readonly architecture: string;
  readonly parameters: number;
  readonly notes: readonly string[];
  /** Absent where none was requested. */
  readonly stateDict?: string;
  /** The one that is read, and others of the file; absent where it holds one. */
  readonly stateDicts?: { readonly read: string; readonly others: readonly string[] };
}

export interface IdentifyOptions {
  readonly architecture?: string;
  /** Of a file that holds several. */
  readonly stateDict?: string;
  readonly signal?: AbortSignal;
}

/** An ONNX file is its own architecture: asking for another is an error, not something to ignore. */
export const architectureOfOnnx = (path: string, asked: string): LensError =>
  new LensError('usage', `${path} has an architecture of its own; ${asked} was requested.`, {
    fix: 'Only a checkpoint can be read as an architecture of your choice.',
    remedies: ['no-architecture'],
  });

/** Only checkpoints hold state dicts. @param what the weights that were given instead */
export const stateDictOfOther = (what: string, asked: string): LensError =>
  new LensError('usage', `${asked} was requested as the state dict; ${what} hold none.`, {
    remedies: ['no-state-dict'],
  });

/**
 * Reads names and shapes, no weights.
 * @throws LensError of kind `model` if the file cannot be read safely or is of no known architecture, `usage` if an
 *   architecture is requested that the file cannot have
 */
export async function identify(path: string, options: IdentifyOptions = {}): Promise<Identity> {
  if (isOnnxFile(path)) {
    const identity = identifyOnnx(await readModel(path), path);
    if (options.architecture !== undefined) throw architectureOfOnnx(path, options.architecture);
    if (options.stateDict !== undefined) throw stateDictOfOther(path, options.stateDict);
    return identity;
  }
  const { stateDict, signal } = options;
  const checkpoint = await openCheckpoint(path, {
    ...(signal === undefined ? {} : { signal }),
    ...(stateDict === undefined ? {} : { location: stateDict }),
  });
  try {
    const recognition = recognize(fromTensorSource(checkpoint), {
      source: path,
      recognizers,
      ...(options.architecture === undefined ? {} : { architecture: options.architecture }),
    });
    const { id, task, notes } = recognition;
    const reading = describeReading(checkpoint, recognition, stateDict ?? null);
    const parameters = [...checkpoint.stateDict.values()].reduce((sum, tensor) => sum + tensor.parameters, 0);
    return {
      format: checkpoint.format,
      task,
      architecture: id,
      parameters,
      notes: [...notes, ...readingNotes(reading)],
      ...(stateDict === undefined ? {} : { stateDict }),
      ...(reading.otherStateDicts.length === 0
        ? {}
        : { stateDicts: { read: reading.stateDict, others: reading.otherStateDicts } }),
    };
  } finally {
    await checkpoint.close();
  }
}

/**
 * How many classes a checkpoint's last layer has, read from names and shapes; null for graphs, and for what is not a classifier.
 * @throws as `identify`
 */
export async function classesIn(path: string, options: IdentifyOptions = {}): Promise<number | null> {
  if (isOnnxFile(path)) return null;
  const { stateDict, architecture } = options;
  const checkpoint = await openCheckpoint(path, stateDict === undefined ? {} : { location: stateDict });
  try {
    const found = recognize(fromTensorSource(checkpoint), {
      ...{ source: path, recognizers },
      ...(architecture === undefined ? {} : { architecture }),
    });
    const root = findArchitecture(found.id)?.head.root;
    return root === undefined ? null : (findHead(shapesOf(found.stateDict), root)?.classes ?? null);
  } finally {
    await checkpoint.close();
  }
}

function identifyOnnx(model: Model, path: string): Identity {
  if (model.graph.inputs.length !== 1) {
    throw new LensError(
      'model',
      `${basename(path)}: expected a classifier with one input, found ${model.graph.inputs.length} inputs.`,
    );
  }
  const parameters = countParameters(model);
  return { format: 'onnx', task: 'classifier', architecture: 'onnx', parameters, notes: [] };
}
