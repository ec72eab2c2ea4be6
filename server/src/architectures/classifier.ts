/** A classifier ready to run: from a checkpoint's tensors, or with the seeded demo weights. */
import { LensError } from '../errors';
import { buildNetwork, defaultHead, parametersOf } from './build';
import { findHead } from './head';
import type { Architecture, BuiltNetwork } from './network';
import type { Recognition, RecognizeOptions } from './recognize';
import { recognize } from './recognize';
import { findArchitecture } from './registry';
import { seededStateDict } from './seeded';
import type { StateDict } from './state-dict';
import { shapesOf } from './state-dict';

export interface ImportOptions extends RecognizeOptions {
  /** Side of the square input in pixels; the architecture's own by default. */
  readonly inputSize?: number;
  /** See `BuildOptions`. */
  readonly values?: boolean;
}

export interface ImportedClassifier {
  readonly network: BuiltNetwork;
  /** The wrapper's prefix in the file: `net.`, ... */
  readonly prefix: string;
  /** Choices that the file could not decide, for the report. */
  readonly notes: readonly string[];
  readonly renamedHead: Recognition['renamedHead'];
  readonly leftAside: Recognition['leftAside'];
  readonly copies: Recognition['copies'];
  readonly readAs: Recognition['readAs'];
  readonly twins: Recognition['twins'];
}

/** Recognizes the state dict's architecture and builds it. Errors are those of `recognize`. */
export async function importClassifier(
  stateDict: StateDict,
  options: ImportOptions,
): Promise<ImportedClassifier> {
  const { source, inputSize, values = true } = options;
  const { id, prefix, notes, stateDict: unwrapped, ...beside } = recognize(stateDict, options);
  const architecture = findArchitecture(id);
  const head = architecture && findHead(shapesOf(unwrapped), architecture.head.root);
  if (!architecture || !head)
    throw new LensError('model', `${source}: expected a classifier, found ${id}, which is not one.`, {
      fix: 'The weights of a face detector are used to find faces as soon as they are imported.',
      remedies: ['import-file'],
    });
  const network = await buildNetwork(architecture, unwrapped, { head, values, ...sized(inputSize) });
  const { renamedHead, leftAside, copies, readAs, twins } = beside;
  return { network, prefix, notes, renamedHead, leftAside, copies, readAs, twins };
}

/** The architecture with seeded weights: it exercises everything and predicts nothing. */
export function seededClassifier(
  architecture: Architecture,
  options: { readonly classes: number; readonly inputSize?: number },
): Promise<BuiltNetwork> {
  const head = defaultHead(architecture, options.classes);
  const stateDict = seededStateDict(parametersOf(architecture, head).shapes);
  return buildNetwork(architecture, stateDict, { head, ...sized(options.inputSize) });
}

const sized = (inputSize: number | undefined) => (inputSize === undefined ? {} : { inputSize });
