/** Weights before they are loaded, and the network that they become. */
import type { CheckpointReport } from '../../../../protocol/report';
import type { BuiltNetwork } from '../../architectures/network';
import type { InputSize } from '../../lens/values';
import type { StoredModel } from '../../store/entry';
import type { ReadActivation } from './activation';
import type { BeyondRanges } from '../../lowering/quantized/ranges';
import type { FileForm } from './onnx/as-file';
import type { Proved } from './onnx/proved';

export interface Network extends BuiltNetwork, ReadActivation {
  /** Choices that the file could not decide. */
  readonly notes: readonly string[];
  /** How the checkpoint was read; null where there was none. */
  readonly checkpoint: CheckpointReport | null;
  /** An ONNX file as it is, where it does not compute in float32 throughout. */
  readonly file?: FileForm | null;
  /** Of a quantized file, whose explained model has no ranges: an output of that model. */
  readonly beyond?: BeyondRanges | null;
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
  /** False for who only looks at names and shapes: then no weight of a checkpoint is read, and what is loaded cannot be run. */
  readonly values?: boolean;
}

export interface Weights {
  /** For display: an id of the store, a file name, or what was generated. */
  readonly name: string;
  /** What to ask for to get them again: an id of the store, an absolute path, or `demo`. */
  readonly reference: string;
  /** Null for weights that this project generates. */
  readonly path: string | null;
  readonly untrained: boolean;
  /** Of the file when first called; null for generated weights, whose rule is their identity. */
  sha256(): Promise<string | null>;
  /** Of the files beside it that hold weights, such as external data: they may differ where `sha256` does not. As of the first call. */
  beside(): Promise<readonly string[]>;
  /**
   * Equal only where `load` gives the same network: the content of the file and of the files beside it, and
   * whatever decides how it is read; for generated weights their rule, architecture and class count. Stays
   * what it was when first asked, whatever becomes of the file.
   */
  identity(): Promise<string>;
  /**
   * @throws LensError of kind `model` also if the file no longer holds what `identity` says
   */
  load(wanted: LoadOptions, signal?: AbortSignal): Promise<Network>;
  /** Where the weights are from the store: their record. */
  readonly stored: StoredModel | null;
  /** How many classes the last layer has, read from names and shapes; null if only loading the file shows it. */
  readonly classes: () => Promise<number | null>;
  /** What an ONNX file says of itself, read without loading it; empty for all others. */
  readonly metadata: () => Promise<ReadonlyMap<string, string>>;
  /** Id of the architecture, `onnx` where the file brings its own; read from names and shapes. @throws LensError of kind `model` */
  readonly architecture: () => Promise<string>;
  /** What has happened to the file since `identity` was called, to end a sentence; null if nothing has. */
  change(): Promise<string | null>;
}

/** Which network a lens means if no weights are named. */
export interface DefaultWeights {
  /** Weights in the store that carry the lens's name; null where that is not looked for. */
  readonly id: string | null;
  /** Of the demo weights; null where the lens has no network of its own. */
  readonly architecture: string | null;
  /** Null where the lens does not name them. */
  readonly classes: number | null;
  /** How errors call the lens. */
  readonly subject: string;
}
