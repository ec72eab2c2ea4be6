/** The interface of an inference runtime: named tensors in, named tensors out. */
import type { DeviceChoice, DeviceName } from '../../../protocol/vocabulary';
import type { NodePlacement } from './node-placement';

export interface TensorData {
  readonly float32: Float32Array;
  readonly float64: Float64Array;
  readonly int64: BigInt64Array;
  readonly int32: Int32Array;
  readonly bool: Uint8Array;
  readonly uint8: Uint8Array;
}

export type TensorType = keyof TensorData;

/** A dense, C-ordered tensor. */
export type Tensor = {
  readonly [T in TensorType]: {
    readonly type: T;
    readonly dims: readonly number[];
    readonly data: TensorData[T];
  };
}[TensorType];

export type Device = DeviceChoice;

/** A device that has been chosen. */
export type Provider = DeviceName;

export interface SessionOptions {
  /** What messages call the model: the user's file, where the graph comes from a cache or from memory. */
  readonly source?: string;
  readonly provider: Provider;
  /** Threads inside one operator; undefined lets the runtime choose (the number of physical cores). */
  readonly threads?: number;
  /**
   * Whether threads that wait for each other inside an operator spin (the default) rather than sleep: faster
   * while they have the cores to themselves, wasteful if other work needs them. Changes no number.
   * `INFERENCE_LENS_SPINNING=off` in the environment lets none spin, for machines that do other work too.
   */
  readonly spinning?: boolean;
  /** Graph optimization level; `all` includes layout changes that depend on this machine's CPU. */
  readonly optimization?: 'disabled' | 'basic' | 'extended' | 'all';
  /** Notes which provider runs each node; makes the first run slower (about 0.1 s for EfficientNet-B5), no other. */
  readonly recordPlacement?: boolean;
}

export interface Session {
  readonly provider: Provider;
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /** Runs the whole graph; blocks this thread while it computes. `fetch` limits what is copied back. */
  run(feeds: Readonly<Record<string, Tensor>>, fetch?: readonly string[]): Promise<Record<string, Tensor>>;
  /** Of the first run; null before it, and where it was not recorded. */
  nodePlacement(): Promise<NodePlacement | null>;
  dispose(): Promise<void>;
}
