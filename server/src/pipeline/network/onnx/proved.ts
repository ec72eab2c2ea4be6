/** What an ONNX graph proves about its own inference: a source that disagrees is wrong. */
import type { DataType } from '../../../onnx/model';

/** How the axes of the file's input are laid out: N batch, C channels, H height, W width. */
export type Layout = 'NCHW' | 'NHWC' | 'CHW' | 'HWC' | 'NHW' | 'HW';

/** Arithmetic that a graph does before its network begins. */
export interface Normalization {
  /** The operators that do it, in order. */
  readonly operators: readonly string[];
  /** By channel, in the units of the input: what reaches the network is (x - mean) / std. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
  /** Order of the input's channels, if the means show it; null if they do not. */
  readonly order: 'RGB' | 'BGR' | null;
}

export interface ProvedInput {
  readonly name: string;
  readonly layout: Layout;
  readonly type: DataType;
  /** 3 for color, 1 for gray. */
  readonly channels: 1 | 3;
  /** In pixels; null where the file leaves it open. */
  readonly height: number | null;
  readonly width: number | null;
  /** The batch that the file fixes, which one image is made to fit; null where it is open or there is no batch axis. */
  readonly batch: number | null;
}

export interface ProvedOutput {
  readonly name: string;
  readonly classes: number;
  /** The file's other outputs, in its order. */
  readonly others: readonly string[];
  /** Class names that the graph itself holds; null where it holds none. */
  readonly labels: readonly string[] | null;
  /**
   * The activation of the last operators; `none` where they guarantee probabilities in another way; null if
   * they show nothing.
   */
  readonly activation: 'softmax' | 'sigmoid' | 'none' | null;
}

/** A graph that was converted from TensorFlow or Keras. */
export interface FromTensorFlow {
  /** The network of `keras.applications`, and its `preprocess_input`; null where the layers have other names. */
  readonly application: { readonly name: string; readonly mode: 'caffe' | 'tf' | 'torch' | 'inside' } | null;
}

export interface Proved {
  readonly input: ProvedInput;
  /** Arithmetic with constants right after the input; null if none of it normalizes. */
  readonly normalization: Normalization | null;
  /** The range of input values, if the graph shows it: `bytes` are 0..255, `unit` is 0..1. */
  readonly range: 'bytes' | 'unit' | null;
  readonly output: ProvedOutput;
  /** Null where nothing says that the graph was converted from TensorFlow. */
  readonly tensorflow: FromTensorFlow | null;
}
