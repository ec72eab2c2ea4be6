/** What a model file holds, found without running it: what `models show` prints and the model view shows. */
import type { LensReport } from './lens';

/** An input or output. A dimension is a number, a symbol, or `?` where the file does not say; null of a rank that it does not say. */
export interface ModelPort {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly (number | string)[] | null;
}

/** A module with everything in it, before its parts; or a tensor of weights. */
export interface ModelRow {
  readonly kind: 'module' | 'tensor';
  /** Its whole name in the file; empty for the model itself. */
  readonly path: string;
  /** Below the model itself, which has 0. */
  readonly depth: number;
  /** Of a module the operators in it and in none of its parts, most frequent first; of a tensor its element type, and where it is the scale or zero point of quantized values that. */
  readonly type: string;
  /** Of a tensor; of a module what the last node in it gives out; null where that is not known in advance. */
  readonly shape: readonly number[] | null;
  /** Values that are trained: no shapes, indices, running statistics, scales and zero points. */
  readonly parameters: number;
  /** Floating-point operations, two per multiply-add; null where the graph does not say. */
  readonly flops: number | null;
}

export interface OperatorCount {
  readonly name: string;
  readonly count: number;
  /**
   * What is between the output and a layer before it: a gradient passes, or ends here by the operator's
   * nature, or has no rule here.
   */
  readonly gradient: 'passes' | 'ends' | 'missing';
}

export interface ModelStructure {
  /** Absolute path. */
  readonly path: string;
  readonly bytes: number;
  readonly format: 'onnx' | 'torch-zip' | 'torch-legacy' | 'safetensors';
  /** Of a graph, the program that wrote it; of a checkpoint the network that its names and shapes belong to; null if none is known. */
  readonly madeBy: string | null;
  readonly inputs: readonly ModelPort[];
  readonly outputs: readonly ModelPort[];
  /** Sentences: what shapes were computed for, what was not read, what is not known. */
  readonly notes: readonly string[];
  readonly metadata: readonly { readonly key: string; readonly value: string }[];
  readonly parameters: number;
  readonly flops: number | null;
  /** In the order of a walk: a module, its own tensors, its parts. */
  readonly rows: readonly ModelRow[];
  /** Most frequent first; empty for checkpoints, which hold no graph. */
  readonly operators: readonly OperatorCount[];
}

/** How the file would be fed, read and named, value by value. */
export interface ModelFeeding {
  readonly lens: LensReport;
  /** (1, C, H, W) of the network's input. */
  readonly shape: readonly number[];
  /** Of one run of the network forward, as `ModelRow.flops`. */
  readonly flops: number | null;
  /** What is done otherwise because the graph does it, and files that were not read because the workspace is not trusted. */
  readonly notes: readonly string[];
}

/** Of the finite values. */
export interface WeightRow {
  readonly path: string;
  readonly mean: number | null;
  /** Population standard deviation. */
  readonly std: number | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly zeros: number;
  readonly nan: number;
  readonly inf: number;
  /** Counts in equal bins from `min` to `max`. */
  readonly histogram: readonly number[];
  /** Why there are no numbers. */
  readonly skipped?: string;
}

export interface WeightPage {
  readonly rows: readonly WeightRow[];
  /** Where the next page begins; null after the last. */
  readonly next: number | null;
}
