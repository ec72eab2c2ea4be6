/** A classifier of two convolutions with a softmax at its end, as an exporter would write it: runs in milliseconds. */
import { fillUniform, fnv1a32 } from '../../server/src/architectures/seeded';
import { float32Tensor, GraphBuilder } from '../../server/src/onnx/builder';
import type { Model } from '../../server/src/onnx/model';

/** The image side that the file fixes. */
export const SMALL_SIDE = 64;
export const SMALL_CLASSES = 3;
export const smallLayers = [
  ['conv1', [1, 8, 32, 32]],
  ['conv2', [1, 6, 32, 32]],
  ['pool', [1, 6, 1, 1]],
  ['logits', [1, SMALL_CLASSES]],
] as const;

export interface SmallOptions {
  /** Spoils one weight of the second convolution: its whole output channel becomes this value. */
  readonly spoil?: number;
  /** SMALL_CLASSES where it is left out. */
  readonly classes?: number;
  /** Subtracts ImageNet's mean from its image and divides by the deviation, on the scale of 0..255. */
  readonly normalizes?: true;
  /** SMALL_SIDE where it is left out. */
  readonly side?: number;
}

export function smallClassifier({
  spoil,
  classes = SMALL_CLASSES,
  normalizes,
  side = SMALL_SIDE,
}: SmallOptions = {}): Model {
  const graph = new GraphBuilder('small');
  const weight = (name: string, dims: readonly number[], bound: number, center?: number): string => {
    const values = fillUniform(new Float32Array(dims.reduce((a, b) => a * b, 1)), fnv1a32(name), bound);
    if (center !== undefined) values[4] = center; // of the first 3x3 kernel: no padding keeps it from any output
    return graph.initializer(name, float32Tensor(dims, values));
  };
  const image = graph.input('image', 'float32', [1, 3, side, side]);
  const constant = (name: string, values: readonly number[]): string =>
    graph.initializer(name, float32Tensor([1, 3, 1, 1], Float32Array.from(values)));
  const centered = (): string =>
    graph.node('Sub', [image, constant('mean', [123.675, 116.28, 103.53])], {}, 'centered');
  const given =
    normalizes === undefined
      ? image
      : graph.node('Div', [centered(), constant('std', [58.395, 57.12, 57.375])], {}, 'normalized');
  const conv1 = graph.node(
    'Conv',
    [given, weight('w1', [8, 3, 3, 3], 0.4)],
    { strides: [2, 2], pads: [0, 0, 1, 1] },
    'conv1',
  );
  const active = graph.node('Sigmoid', [conv1]);
  graph.node('Conv', [active, weight('w2', [6, 8, 3, 3], 0.4, spoil)], { pads: [1, 1, 1, 1] }, 'conv2');
  const features = graph.node('Relu', ['conv2']);
  const pool = graph.node('GlobalAveragePool', [features], {}, 'pool');
  const flat = graph.node('Flatten', [pool]);
  graph.node('Gemm', [flat, weight('w3', [6, classes], 2), weight('b3', [classes], 0.1)], {}, 'logits');
  graph.node('Softmax', ['logits'], { axis: 1 }, 'probabilities');
  graph.output('probabilities', 'float32', [1, classes]);
  return graph.model();
}
