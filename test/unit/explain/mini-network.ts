/** A small EfficientNet with every construction that the passes rewrite, random weights and random running statistics. */
import { NetworkBuilder } from '../../../server/src/architectures/layers';
import { mbconv } from '../../../server/src/architectures/mbconv';
import { GraphBuilder } from '../../../server/src/onnx/builder';
import { elementCount, type Model } from '../../../server/src/onnx/model';
import { encodeModel } from '../../../server/src/onnx/write';
import { createSession } from '../../../server/src/runtime/onnxruntime';
import type { Session, Tensor } from '../../../server/src/runtime/session';
import { generator, seedOf } from '../autodiff/random';

export const CLASSES = 3;

export interface MiniNetwork {
  readonly model: Model;
  readonly inputShape: readonly number[];
  readonly logits: string;
  readonly layers: readonly { readonly name: string; readonly tensor: string }[];
}

type Kind = 'squeeze-excite' | 'relu';

function walk(kind: Kind, shape: readonly number[], weights: ReadonlyMap<string, Float32Array> | null) {
  const [, channels = 3, height = 1, width = 1] = shape;
  const graph = new GraphBuilder('mini');
  const net = new NetworkBuilder(graph, weights);
  const image = { tensor: graph.input('image', 'float32', shape), channels, height, width };
  const stemPadding = { top: 0, left: 1, bottom: 1, right: 0 };
  const stem = net.report(
    'stem',
    net.conv(image, 'stem', { channels: 16, kernel: 3, stride: 2, padding: stemPadding }),
  );
  const norm = net.report('norm', net.batchNorm(stem, 'norm', 1e-3));
  const features = kind === 'relu' ? plain(net, net.relu(norm)) : squeezeExcite(net, net.silu(norm));
  const pooled = net.report('pool', net.globalAveragePool(features, 'pool'));
  const flat = net.report('flat', net.flatten(pooled, 'flat'));
  net.report('fc', net.linear(flat, 'fc', { channels: CLASSES, as: 'logits' }));
  graph.output('logits', 'float32', [shape[0] ?? 1, CLASSES]);
  return { net, graph };
}

type Value = Parameters<NetworkBuilder['silu']>[0];

/** MBConv blocks: stride 1 with residual, stride 2 with 5x5 and uneven pads, stride 2 with even pads. */
function squeezeExcite(net: NetworkBuilder, input: Value): Value {
  let x = input;
  const blocks = [
    { kernel: 3, stride: 1, outputs: 16, padding: { top: 1, left: 1, bottom: 1, right: 1 } },
    { kernel: 5, stride: 2, outputs: 24, padding: { top: 1, left: 2, bottom: 2, right: 2 } },
    { kernel: 3, stride: 2, outputs: 32, padding: { top: 0, left: 1, bottom: 1, right: 1 } },
  ];
  blocks.forEach(({ kernel, stride, outputs, padding }, i) => {
    const path = (part: string): string => `block_${i}.${part}`;
    x = mbconv(net, x, {
      block: { stage: i, index: 0, kernel, stride, inputs: x.channels, outputs, expansion: 4 },
      paths: {
        expand: { conv: path('expand'), norm: path('norm0') },
        depthwise: { conv: path('depthwise'), norm: path('norm1') },
        squeeze: { reduce: path('reduce'), expand: path('widen') },
        project: { conv: path('project'), norm: path('norm2') },
      },
      padding,
      epsilon: 1e-3,
      as: `block_${i}`,
    });
    net.report(`block_${i}`, x);
  });
  return x;
}

/** A ResNet's beginning: max pooling, a residual, ReLU. */
function plain(net: NetworkBuilder, input: Value): Value {
  const pooled = net.report('max_pool', net.maxPool(input, 3, 2, 1, 'max_pool'));
  const padding = { top: 1, left: 1, bottom: 1, right: 1 };
  const conv = net.conv(pooled, 'conv', { channels: pooled.channels, kernel: 3, padding, groups: 2 });
  const sum = net.add(net.batchNorm(conv, 'bn', 1e-5), pooled, 'sum');
  return net.report('block', net.relu(sum, 'block'));
}

/** @param shape of the input, (N, 3, H, W) */
export function miniNetwork(kind: Kind, shape: readonly number[]): MiniNetwork {
  const weights = new Map<string, Float32Array>();
  for (const [name, dims] of walk(kind, shape, null).net.parameters) {
    const random = generator(seedOf(name));
    const uniform = (low: number, high: number): Float32Array =>
      Float32Array.from({ length: elementCount(dims) }, () => low + (high - low) * random());
    const fanIn = elementCount(dims.slice(1));
    const spread = Math.sqrt(6 / fanIn);
    if (name.endsWith('running_var') || (dims.length === 1 && name.endsWith('.weight')))
      weights.set(name, uniform(0.5, 1.5));
    else weights.set(name, dims.length === 1 ? uniform(-0.3, 0.3) : uniform(-spread, spread));
  }
  const { net, graph } = walk(kind, shape, weights);
  return { model: graph.model(), inputShape: shape, logits: 'logits', layers: net.layers };
}

export function randomImage(shape: readonly number[], name = 'image'): Tensor {
  const random = generator(seedOf(name));
  return { type: 'float32', dims: shape, data: Float32Array.from({ length: elementCount(shape) }, random) };
}

export const target = (...classes: number[]): Tensor => ({
  type: 'int64',
  dims: [classes.length],
  data: BigInt64Array.from(classes, (c) => BigInt(c)),
});

/** Runs a model once on one thread. */
export async function runOnce(
  model: Model,
  feeds: Readonly<Record<string, Tensor>>,
  optimization: 'disabled' | 'all' = 'all',
): Promise<Record<string, Tensor>> {
  const session: Session = await createSession(encodeModel(model), {
    provider: 'cpu',
    threads: 1,
    optimization,
  });
  try {
    return await session.run(feeds);
  } finally {
    await session.dispose();
  }
}

export function floats(tensor: Tensor | undefined): Float32Array {
  if (tensor?.type !== 'float32') throw new Error('expected a float32 tensor');
  return tensor.data;
}
