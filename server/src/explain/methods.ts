/** The CAM methods: how each turns a layer's activation A and gradient g into one map (definitions of pytorch-grad-cam), in the graph and in NumPy. */
import type { Emitter } from '../autodiff/emitter';
import type { CamMethod } from '../../../protocol/vocabulary';

export type { CamMethod };

/**
 * A layer inside the graph. `activation` and `gradient` are (N, C, P): P positions, which are the pixels of a map or the single
 * position of a vector's channel. Sums over positions keep the axis, so that they broadcast.
 */
export interface LayerTensors {
  readonly emit: Emitter;
  readonly activation: string;
  readonly gradient: string;
  /** mean over positions of g, (N, C), with axes of size 1 after it: Grad-CAM's weights. */
  readonly meanGradient: string;
  /** sum over positions, (N, C, P) -> (N, C, 1). */
  sumPositions(tensor: string): string;
  /** g A, computed at most once. */
  product(): string;
}

/** Weighs channels: M = sum_k w_k A_k, with w of shape (N, C, 1). */
interface ChannelMethod {
  readonly kind: 'channels';
  /** Name and publication. */
  readonly source: string;
  weights(layer: LayerTensors): string;
  /** The same in NumPy: lines that compute `w`, (C, 1), from A and g, both (C, P). */
  readonly numpy: readonly string[];
}

/** Weighs every element: M = sum_k T_k, with T of shape (N, C, P). */
interface ElementMethod {
  readonly kind: 'elements';
  /** Name and publication. */
  readonly source: string;
  terms(layer: LayerTensors): string;
  /** The same in NumPy: the expression for T, (C, P), from A and g. */
  readonly numpy: string;
}

const relu = ({ emit }: LayerTensors, tensor: string): string => emit.op('Relu', [tensor]);
const constant = ({ emit }: LayerTensors, value: number): string => emit.scalar(value, 'float32');

/** w = mean(g). */
const gradcam: ChannelMethod = {
  kind: 'channels',
  source: 'Grad-CAM, arXiv 1610.02391',
  weights: (layer) => layer.meanGradient,
  numpy: ['w = g.mean(axis=1, keepdims=True)'],
};

/**
 * alpha = g^2 / (2 g^2 + g^3 sum(A) + 1e-6), 0 where g = 0; w = sum(alpha relu(g)). Where g = 0
 * its relu is 0 as well, and the denominator is at least 1e-6 there, so that case needs no selection.
 */
const gradcamPlusPlus: ChannelMethod = {
  kind: 'channels',
  source: 'Grad-CAM++, arXiv 1710.11063',
  weights(layer) {
    const { emit, activation, gradient: g } = layer;
    const square = emit.mul(g, g);
    const cube = emit.mul(square, g);
    const denominator = emit.add(
      emit.add(emit.mul(constant(layer, 2), square), emit.mul(cube, layer.sumPositions(activation))),
      constant(layer, 1e-6),
    );
    return layer.sumPositions(emit.mul(emit.div(square, denominator), relu(layer, g)));
  },
  numpy: [
    'alpha = g**2 / (2 * g**2 + g**3 * A.sum(axis=1, keepdims=True) + 1e-6)',
    'w = (alpha * np.maximum(g, 0)).sum(axis=1, keepdims=True)',
  ],
};

/** w = sum(g A / (sum(A) + 1e-7)). */
const xgradcam: ChannelMethod = {
  kind: 'channels',
  source: 'XGrad-CAM, arXiv 2008.02312',
  weights(layer) {
    const { emit } = layer;
    const total = emit.add(layer.sumPositions(layer.activation), constant(layer, 1e-7));
    return emit.div(layer.sumPositions(layer.product()), total);
  },
  numpy: ['w = (g * A).sum(axis=1, keepdims=True) / (A.sum(axis=1, keepdims=True) + 1e-7)'],
};

/** M = sum_k g A. */
const hirescam: ElementMethod = {
  kind: 'elements',
  source: 'HiResCAM, arXiv 2011.08891',
  terms: (layer) => layer.product(),
  numpy: 'g * A',
};

/** Jiang et al.: M = sum_k relu(g) A. */
const layercam: ElementMethod = {
  kind: 'elements',
  source: 'LayerCAM, IEEE TIP 2021',
  terms: (layer) => layer.emit.mul(relu(layer, layer.gradient), layer.activation),
  numpy: 'np.maximum(g, 0) * A',
};

/** M = sum_k relu(g A): the ReLU is inside the sum, so this map is never negative. */
const elementwise: ElementMethod = {
  kind: 'elements',
  source: 'element-wise',
  terms: (layer) => relu(layer, layer.product()),
  numpy: 'np.maximum(g * A, 0)',
};

export const METHODS: Readonly<Record<CamMethod, ChannelMethod | ElementMethod>> = Object.freeze({
  gradcam,
  'gradcam++': gradcamPlusPlus,
  xgradcam,
  hirescam,
  layercam,
  elementwise,
});
