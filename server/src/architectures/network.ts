/** What a classifier architecture is, and what building one yields. */
import type { Model } from '../onnx/model';
import type { Feature, NetworkBuilder, ReportedLayer, Vector } from './layers';

export type { ReportedLayer };

/** An inference graph of one classifier, weights included. */
export interface BuiltNetwork {
  /** Library and variant: `efficientnet_pytorch/b5`. */
  readonly id: string;
  readonly model: Model;
  /** float32, (1,3,S,S). */
  readonly input: { readonly name: string; readonly shape: readonly number[] };
  /** Name of the output tensor, (1,classes). */
  readonly logits: string;
  readonly classes: number;
  /** In the order of the forward pass. */
  readonly layers: readonly ReportedLayer[];
  /** For ONNX graphs: every layer that can be requested, including those in `layers`. */
  readonly allLayers?: readonly ReportedLayer[];
  /** How many layers the network has, where that may be more than are reported. */
  readonly layersFound?: number;
  /** Weights and biases (not running statistics): what `sum(p.numel() for p in net.parameters())` counts. */
  readonly parameterCount: number;
}

/** The last linear layer: the one part of a classifier that users replace. */
export interface Head {
  /** Module path in the state dict: `_fc`, `classifier.1`, ... */
  readonly path: string;
  readonly classes: number;
  readonly bias: boolean;
  /** Its weight is that of a 1x1 convolution. */
  readonly isConvolution?: boolean;
}

export interface HeadPlace {
  readonly root: string;
  readonly path: string;
  readonly layer: string;
  /** A second head, on features of its own; the logits are the mean of both. */
  readonly second?: string;
  /** The library's weight is that of a 1x1 convolution: (classes, channels, 1, 1). */
  readonly isConvolution?: boolean;
}

/** One classifier, written once: walking `trunk` yields both its parameters and its graph. */
export interface Architecture {
  readonly id: string;
  /** A parameter that every variant of the family has; its place in a file reveals the wrapper's prefix. */
  readonly anchor: string;
  /** Side in pixels that the network was designed for. */
  readonly inputSize: number;
  /** Module that holds the head (itself a linear layer, or a Sequential around one) and where the library puts it. */
  readonly head: HeadPlace;
  /** What its library's `config.json` says of it, key by key, where names and shapes do not tell. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Everything from the image to the pooled features; of both heads one after the other, where there are two. */
  trunk(net: NetworkBuilder, image: Feature): Vector;
}
