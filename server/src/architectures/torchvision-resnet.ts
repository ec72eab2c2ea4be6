/** ResNet-18, 34, 50, 101 and 152 as `torchvision` computes them (the stride is on the 3x3 convolution: "V1.5"). */
import { LensError } from '../errors';
import type { Antialias } from './antialias';
import { antialiased } from './antialias';
import { Strides } from './dilation';
import type { ConvOptions, Feature, GlobalPool, NetworkBuilder, Vector } from './layers';
import type { Architecture } from './network';
import { noPadding, symmetricPadding } from './padding';

const epsilon = 1e-5;

interface Depth {
  readonly layers: readonly number[];
  readonly bottleneck: boolean;
}

/** arXiv 1512.03385, table 1. */
const depths: Readonly<Record<string, Depth>> = {
  resnet18: { layers: [2, 2, 2, 2], bottleneck: false },
  resnet34: { layers: [3, 4, 6, 3], bottleneck: false },
  resnet50: { layers: [3, 4, 6, 3], bottleneck: true },
  resnet101: { layers: [3, 4, 23, 3], bottleneck: true },
  resnet152: { layers: [3, 8, 36, 3], bottleneck: true },
};

/** What networks with the same names and shapes do otherwise (`twins.ts`). */
export interface ResNetHabits {
  /** What takes the place of strides 2 behind the stem. */
  readonly antialias: Antialias | null;
  /** Of the last stage: 32, or less where stages are dilated instead. */
  readonly outputStride: number;
  readonly pool: GlobalPool;
  /** The bottleneck's stride on its first convolution, as Caffe's ResNets have it. */
  readonly strideInFirst: boolean;
}

const usual: ResNetHabits = { antialias: null, outputStride: 32, pool: 'avg', strideInFirst: false };

function trunk(net: NetworkBuilder, image: Feature, depth: Depth, habits: ResNetHabits): Vector {
  const { antialias, outputStride, pool } = habits;
  const stem = { channels: 64, kernel: 7, stride: 2, padding: symmetricPadding(7) };
  let x = net.report('conv1', net.conv(image, 'conv1', stem));
  x = net.report('bn1', net.batchNorm(x, 'bn1', epsilon));
  x = stemPool(net, net.relu(x), antialias);
  const strides = new Strides(outputStride, 4);
  depth.layers.forEach((blocks, layer) => {
    for (let index = 0; index < blocks; index++) {
      const path = `layer${layer + 1}.${index}`;
      const { stride, first, dilation } = strides.next(layer > 0 && index === 0 ? 2 : 1);
      const { bottleneck } = depth;
      const options = { ...habits, width: 64 << layer, stride, first, dilation, bottleneck };
      x = net.report(path, block(net, x, path, options));
    }
  });
  x = net.report('avgpool', net.globalPool(x, pool, 'avgpool'));
  return net.flatten(x, 'flatten');
}

function stemPool(net: NetworkBuilder, x: Feature, antialias: Antialias | null): Feature {
  if (antialias === null) return net.maxPool(x, 3, 2, 1, 'maxpool');
  if (antialias === 'average') return antialiased(net, x, antialias, 'maxpool');
  return antialiased(net, net.maxPool(x, 3, 1, 1, 'maxpool.0'), antialias, 'maxpool');
}

interface BlockOptions extends Partial<Pick<ResNetHabits, 'antialias' | 'strideInFirst'>> {
  /** Channels inside the block; a bottleneck puts out four times as many. */
  readonly width: number;
  readonly stride: number;
  readonly bottleneck: boolean;
  /** Of the 3x3 convolution that strides, 1 by default. */
  readonly first?: number;
  /** Of a 3x3 convolution behind it, 1 by default. */
  readonly dilation?: number;
}

/** relu(residual(x) + shortcut(x)); the shortcut is a 1x1 convolution wherever the shapes differ. */
export function block(net: NetworkBuilder, x: Feature, path: string, options: BlockOptions): Feature {
  const { width, stride, bottleneck, first = 1, dilation = 1 } = options;
  const { antialias = null, strideInFirst = false } = options;
  const channels = bottleneck ? 4 * width : width;
  const pools = antialias !== null && stride === 2;
  const convNorm = (input: Feature, name: number, conv: Omit<ConvOptions, 'padding'>): Feature => {
    const padding = symmetricPadding(conv.kernel, conv.dilation);
    const convolved = net.conv(input, `${path}.conv${name}`, { ...conv, padding });
    return net.batchNorm(convolved, `${path}.bn${name}`, epsilon);
  };
  /** The 3x3 convolution that strides, or the pooling behind it. */
  const striding = (input: Feature, name: number, step: number): Feature => {
    const conv = { channels: width, kernel: 3, stride: pools ? 1 : step, dilation: first };
    const y = net.relu(convNorm(input, name, conv));
    if (!pools) return y;
    if (antialias === 'average' && (y.height % 2 === 1 || y.width % 2 === 1)) throw oddSize(path, y);
    return antialiased(net, y, antialias, `${path}.aa`);
  };

  let y: Feature;
  if (bottleneck) {
    const [outer, inner] = strideInFirst ? [stride, 1] : [1, stride];
    y = net.relu(convNorm(x, 1, { channels: width, kernel: 1, stride: outer }));
    y = striding(y, 2, inner);
    y = convNorm(y, 3, { channels, kernel: 1 });
  } else {
    y = striding(x, 1, stride);
    y = convNorm(y, 2, { channels, kernel: 3, dilation });
  }

  let shortcut = x;
  if (stride !== 1 || x.channels !== channels) {
    shortcut = net.conv(x, `${path}.downsample.0`, { channels, kernel: 1, stride, padding: noPadding });
    shortcut = net.batchNorm(shortcut, `${path}.downsample.1`, epsilon);
  }
  return net.relu(net.add(y, shortcut, `${path}/sum`), path);
}

/** The mean of pairs leaves a rest out, the shortcut's stride does not: timm's own network fails on such a picture. */
const oddSize = (path: string, { width, height }: Feature): LensError =>
  new LensError(
    'usage',
    `timm's resnetaa networks need an input whose sides are multiples of 32: ${path} halves ${width}x${height}.`,
    {
      fix: 'The pipeline imagenet, whose input has 224 pixels a side, fits this network.',
      remedies: ['choose-pipeline'],
    },
  );

export const resNetDepths: readonly string[] = Object.keys(depths);

export const hasBottlenecks = (name: string): boolean => depths[name]?.bottleneck === true;

/** @param name such as `resnet50` */
export function resNet(name: string, id: string, habits: Partial<ResNetHabits> = {}): Architecture {
  const depth = depths[name];
  if (depth === undefined) throw new Error(`There is no ${name}.`);
  return {
    id,
    anchor: 'conv1.weight',
    inputSize: 224,
    head: { root: 'fc', path: 'fc', layer: 'fc' },
    trunk: (net, image) => trunk(net, image, depth, { ...usual, ...habits }),
  };
}

export const torchvisionResNet: readonly Architecture[] = resNetDepths.map((name) =>
  resNet(name, `torchvision/${name}`),
);
