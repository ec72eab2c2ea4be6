/**
 * Two small classifiers that have what large ones are made of, so that every pass over the explain graph finds work in one of them; on
 * SwiftShader each kind of node takes a fraction of a second.
 */
import { fillUniform, fnv1a32 } from '../../server/src/architectures/seeded';
import type { Layer } from '../../server/src/explain/assemble';
import { float, float32Tensor, GraphBuilder } from '../../server/src/onnx/builder';
import type { Model } from '../../server/src/onnx/model';

export interface SmallNetwork {
  readonly model: Model;
  readonly inputShape: readonly number[];
  readonly logits: string;
  readonly layers: readonly Layer[];
}

const CLASSES = 3;

class Network {
  private readonly graph: GraphBuilder;

  constructor(
    name: string,
    private readonly side: number,
  ) {
    this.graph = new GraphBuilder(name);
    this.graph.input('image', 'float32', [1, 3, side, side]);
  }

  node(op: string, inputs: readonly string[], attributes: Parameters<GraphBuilder['node']>[2] = {}): string {
    return this.graph.node(op, inputs, attributes);
  }

  weight(name: string, dims: readonly number[], bound: number, center = 0): string {
    const values = fillUniform(new Float32Array(dims.reduce((a, b) => a * b, 1)), fnv1a32(name), bound);
    return this.graph.initializer(
      name,
      float32Tensor(
        dims,
        values.map((v) => v + center),
      ),
    );
  }

  convolution(name: string, x: string, dims: readonly [number, number, number, number], stride = 1): string {
    const [out, inner, size] = dims;
    const before = Math.floor(size / 2);
    return this.node('Conv', [x, this.weight(name, dims, 1.5 / Math.sqrt(inner * size * size))], {
      strides: [stride, stride],
      pads: [before, before, before, before],
      group: inner === 1 ? out : 1,
    });
  }

  batchNormalization(name: string, x: string, channels: number): string {
    const parameters = [
      this.weight(`${name}.scale`, [channels], 0.3, 1),
      this.weight(`${name}.bias`, [channels], 0.3),
      this.weight(`${name}.mean`, [channels], 0.2),
      this.weight(`${name}.var`, [channels], 0.3, 1),
    ];
    return this.node('BatchNormalization', [x, ...parameters], { epsilon: float(1e-3) });
  }

  /** Over the channels, which it puts last and back: ConvNeXt's. */
  layerNormalization(name: string, x: string, channels: number): string {
    const last = this.node('Transpose', [x], { perm: [0, 2, 3, 1] });
    const parameters = [
      this.weight(`${name}.scale`, [channels], 0.3, 1),
      this.weight(`${name}.bias`, [channels], 0.3),
    ];
    const normed = this.node('LayerNormalization', [last, ...parameters], { axis: -1, epsilon: float(1e-6) });
    return this.node('Transpose', [normed], { perm: [0, 3, 1, 2] });
  }

  swish(x: string): string {
    return this.node('Mul', [x, this.node('Sigmoid', [x])]);
  }

  clip(x: string, bounds: readonly [number, number]): string {
    const [low = '', high = ''] = bounds.map((bound) =>
      this.graph.constant('bound', float32Tensor([], [bound])),
    );
    return this.node('Clip', [x, low, high]);
  }

  /** Expansion, depthwise convolution, squeeze-and-excitation, projection, as in EfficientNet. */
  mobileBlock(name: string, x: string, inner: number, size: number, stride: number): string {
    const wide = 4 * inner;
    const expanded = this.convolution(`${name}.expand`, x, [wide, inner, 1, 1]);
    const active = this.swish(this.batchNormalization(`${name}.bn0`, expanded, wide));
    const depthwise = this.convolution(`${name}.depthwise`, active, [wide, 1, size, size], stride);
    const features = this.swish(this.batchNormalization(`${name}.bn1`, depthwise, wide));
    const pooled = this.node('GlobalAveragePool', [features]);
    const reduced = this.swish(this.biased(`${name}.reduce`, pooled, [2, wide, 1, 1]));
    const gate = this.node('Sigmoid', [this.biased(`${name}.restore`, reduced, [wide, 2, 1, 1])]);
    const gated = this.node('Mul', [features, gate]);
    const projected = this.convolution(`${name}.project`, gated, [inner, wide, 1, 1]);
    return this.batchNormalization(`${name}.bn2`, projected, inner);
  }

  private biased(name: string, x: string, dims: readonly [number, number, number, number]): string {
    return this.node('Conv', [x, this.weight(name, dims, 0.6), this.weight(`${name}.bias`, [dims[0]], 0.2)]);
  }

  classify(x: string, channels: number, layers: readonly Layer[]): SmallNetwork {
    const flat = this.node('Flatten', [this.node('GlobalAveragePool', [x])]);
    const head = [this.weight('fc', [channels, CLASSES], 2), this.weight('fc.bias', [CLASSES], 0.1)];
    const logits = this.node('Gemm', [flat, ...head]);
    this.graph.output(logits, 'float32', [1, CLASSES]);
    return { model: this.graph.model(), inputShape: [1, 3, this.side, this.side], logits, layers };
  }
}

/** EfficientNet in small. */
function efficient(): SmallNetwork {
  const net = new Network('efficient', 32);
  const stem = net.swish(net.batchNormalization('bn', net.convolution('stem', 'image', [8, 3, 3, 3], 2), 8));
  const first = net.node('Add', [net.mobileBlock('first', stem, 8, 3, 1), stem]);
  const second = net.mobileBlock('second', first, 8, 5, 2);
  const third = net.convolution('third', second, [8, 1, 5, 5], 2);
  const layers = [
    { name: 'stem', tensor: stem },
    { name: 'first', tensor: first },
    { name: 'second', tensor: second },
  ];
  return net.classify(third, 8, layers);
}

/** ResNet's stem, where ReLU makes the exact ties that max pooling has to break as on the CPU, ConvNeXt's normalization, and MobileNet's ReLU6. */
function pooled(): SmallNetwork {
  const net = new Network('pooled', 32);
  const stem = net.node('Relu', [net.convolution('stem', 'image', [8, 3, 3, 3], 2)]);
  const pool = net.node('MaxPool', [stem], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] });
  // ReLU6 has a gradient of its own; any other Clip gets one from a pass.
  const convolved = net.convolution('inner', net.layerNormalization('norm', pool, 8), [8, 8, 3, 3]);
  const inner = net.clip(net.clip(convolved, [-2, 5]), [0, 6]);
  const sum = net.node('Add', [inner, pool]);
  const layers = [
    { name: 'stem', tensor: stem },
    { name: 'pool', tensor: pool },
    { name: 'sum', tensor: sum },
  ];
  return net.classify(sum, 8, layers);
}

export const smallNetworks = { efficient, pooled } as const;
export type SmallNetworkName = keyof typeof smallNetworks;
