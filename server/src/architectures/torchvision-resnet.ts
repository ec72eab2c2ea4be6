/**
 * ResNet, ResNeXt and Wide ResNet as `torchvision` and `timm` compute them (the stride is on the 3x3 convolution: "V1.5"). Which there are: `resnet-variants.ts`.
 */
import { LensError } from '../errors';
import type { Antialias } from './antialias';
import { antialiased } from './antialias';
import type { ChannelAttention } from './channel-attention';
import { attended } from './channel-attention';
import { Strides } from './dilation';
import type { ConvOptions, Feature, GlobalPool, NetworkBuilder, Vector } from './layers';
import type { Architecture } from './network';
import { groupNorm } from './normalization';
import { noPadding, symmetricPadding } from './padding';

const epsilon = 1e-5;

export interface ResNetVariant {
  /** Blocks of the four stages. */
  readonly layers: readonly number[];
  readonly bottleneck: boolean;
  /** ResNeXt's cardinality, arXiv 1611.05431; 1 by default. */
  readonly groups?: number;
  /** Channels of one group in the first stage; 64 by default, 128 in Wide ResNets (arXiv 1605.07146). */
  readonly groupWidth?: number;
  /** Channels of three 3x3 convolutions in place of the 7x7 one: timm's variants c, d, s, t. */
  readonly deepStem?: readonly [number, number, number];
  /** A shortcut averages 2x2 where it would stride: timm's variants d and t (arXiv 1812.01187, ResNet-D). */
  readonly averageDown?: boolean;
  /** Behind each block's last normalization: timm's `seresnet`, `ecaresnet`, `resnetrs`. */
  readonly attention?: ChannelAttention;
  /** A convolution halves the stem's output, not a maximum: ResNet-RS, arXiv 2103.07579. */
  readonly convolvesInStem?: boolean;
  /** Group normalization in place of batch normalization: timm's `resnet50_gn`. */
  readonly groupNorm?: boolean;
  /** Where timm's name means this way of halving, and knows none without it. */
  readonly antialias?: Antialias;
}

/** What networks with the same names and shapes do differently (`twins.ts`). */
export interface ResNetHabits {
  /** Replaces strides of 2 after the stem. */
  readonly antialias: Antialias | null;
  /** Of the last stage: 32, or less where stages are dilated instead. */
  readonly outputStride: number;
  readonly pool: GlobalPool;
  /** The bottleneck's stride on its first convolution, as Caffe's ResNets have it. */
  readonly strideInFirst: boolean;
}

const usual: ResNetHabits = { antialias: null, outputStride: 32, pool: 'avg', strideInFirst: false };

function trunk(net: NetworkBuilder, image: Feature, variant: ResNetVariant, habits: ResNetHabits): Vector {
  const { antialias, outputStride, pool } = habits;
  const { bottleneck, groups, groupWidth, averageDown, deepStem, attention, groupNorm } = variant;
  let x = net.report('conv1', stem(net, image, deepStem));
  x = net.report('bn1', normalized(net, x, 'bn1', groupNorm));
  x = stemPool(net, net.relu(x), variant.convolvesInStem === true ? 'convolution' : antialias);
  const strides = new Strides(outputStride, 4);
  variant.layers.forEach((blocks, layer) => {
    for (let index = 0; index < blocks; index++) {
      const path = `layer${layer + 1}.${index}`;
      const { stride, first, dilation } = strides.next(layer > 0 && index === 0 ? 2 : 1);
      const width = 64 << layer;
      const shape = { width, bottleneck, groups, groupWidth, averageDown, attention, groupNorm };
      x = net.report(path, block(net, x, path, { ...habits, ...shape, stride, first, dilation }));
    }
  });
  x = net.report('avgpool', net.globalPool(x, pool, 'avgpool'));
  return net.flatten(x, 'flatten');
}

function stem(net: NetworkBuilder, image: Feature, deep: ResNetVariant['deepStem']): Feature {
  if (deep === undefined)
    return net.conv(image, 'conv1', { channels: 64, kernel: 7, stride: 2, padding: symmetricPadding(7) });
  const [first, second, last] = deep;
  const conv = (x: Feature, index: number, channels: number, stride: number): Feature =>
    net.conv(x, `conv1.${index}`, { channels, kernel: 3, stride, padding: symmetricPadding(3) });
  let x = net.relu(net.batchNorm(conv(image, 0, first, 2), 'conv1.1', epsilon));
  x = net.relu(net.batchNorm(conv(x, 3, second, 1), 'conv1.4', epsilon));
  return conv(x, 6, last, 1);
}

function stemPool(net: NetworkBuilder, x: Feature, kind: Antialias | 'convolution' | null): Feature {
  if (kind === null) return net.maxPool(x, 3, 2, 1, 'maxpool');
  if (kind === 'average') return antialiased(net, x, kind, 'maxpool');
  if (kind !== 'convolution') return antialiased(net, net.maxPool(x, 3, 1, 1, 'maxpool.0'), kind, 'maxpool');
  const halve = { channels: x.channels, kernel: 3, stride: 2, padding: symmetricPadding(3) };
  return net.relu(net.batchNorm(net.conv(x, 'maxpool.0', halve), 'maxpool.1', epsilon), 'maxpool');
}

const normalized = (net: NetworkBuilder, x: Feature, path: string, inGroups = false): Feature =>
  inGroups ? groupNorm(net, x, path) : net.batchNorm(x, path, epsilon);

interface BlockOptions extends Partial<Pick<ResNetHabits, 'antialias' | 'strideInFirst'>> {
  /** Channels inside the block; a bottleneck outputs four times as many. */
  readonly width: number;
  readonly stride: number;
  readonly bottleneck: boolean;
  /** Of the 3x3 convolution that strides, 1 by default. */
  readonly first?: number;
  /** Of a 3x3 convolution after it, 1 by default. */
  readonly dilation?: number;
  readonly groups?: number | undefined;
  readonly groupWidth?: number | undefined;
  readonly averageDown?: boolean | undefined;
  readonly attention?: ChannelAttention | undefined;
  readonly groupNorm?: boolean | undefined;
}

/** relu(residual(x) + shortcut(x)); the shortcut is a 1x1 convolution wherever the shapes differ. */
export function block(net: NetworkBuilder, x: Feature, path: string, options: BlockOptions): Feature {
  const { width, stride, bottleneck, first = 1, dilation = 1 } = options;
  const {
    antialias = null,
    strideInFirst = false,
    groups = 1,
    groupWidth = 64,
    averageDown = false,
    attention,
    groupNorm: inGroups,
  } = options;
  /** Channels of the 3x3 convolution: torchvision's `int(planes * (base_width / 64.0)) * groups`. */
  const inner = bottleneck ? Math.trunc((width * groupWidth) / 64) * groups : width;
  const channels = bottleneck ? 4 * width : width;
  const pools = antialias !== null && stride === 2;
  const convNorm = (input: Feature, name: number, conv: Omit<ConvOptions, 'padding'>): Feature => {
    const padding = symmetricPadding(conv.kernel, conv.dilation);
    const convolved = net.conv(input, `${path}.conv${name}`, { ...conv, padding });
    return normalized(net, convolved, `${path}.bn${name}`, inGroups);
  };
  /** The 3x3 convolution that strides, or the pooling after it. */
  const striding = (input: Feature, name: number, step: number): Feature => {
    const conv = { channels: inner, kernel: 3, stride: pools ? 1 : step, dilation: first, groups };
    const y = net.relu(convNorm(input, name, conv));
    if (!pools) return y;
    if (antialias === 'average' && (y.height % 2 === 1 || y.width % 2 === 1)) throw oddSize(path, y);
    return antialiased(net, y, antialias, `${path}.aa`);
  };

  let y: Feature;
  if (bottleneck) {
    const [outer, own] = strideInFirst ? [stride, 1] : [1, stride];
    y = net.relu(convNorm(x, 1, { channels: inner, kernel: 1, stride: outer }));
    y = striding(y, 2, own);
    y = convNorm(y, 3, { channels, kernel: 1 });
  } else {
    y = striding(x, 1, stride);
    y = convNorm(y, 2, { channels, kernel: 3, dilation });
  }
  if (attention !== undefined) y = attended(net, y, `${path}.se`, attention);

  let shortcut = x;
  if (stride !== 1 || x.channels !== channels) {
    const averages = averageDown && stride !== 1;
    const pooled = averages ? net.averagePool(x, stride, `${path}.downsample.0`, 'ceil') : x;
    const [conv, norm] = averageDown ? [1, 2] : [0, 1];
    const own = { channels, kernel: 1, stride: averageDown ? 1 : stride, padding: noPadding };
    shortcut = net.conv(pooled, `${path}.downsample.${conv}`, own);
    shortcut = normalized(net, shortcut, `${path}.downsample.${norm}`, inGroups);
  }
  return net.relu(net.add(y, shortcut, `${path}/sum`), path);
}

/** Averaging pairs drops a rest, the shortcut's stride does not: timm's own network fails on such a picture. */
const oddSize = (path: string, { width, height }: Feature): LensError =>
  new LensError(
    'usage',
    `timm's resnetaa networks need an input whose sides are multiples of 32: ${path} halves ${width}x${height}.`,
    {
      fix: 'Use a lens with such an input, for example imagenet, whose input is 224 pixels wide and high.',
      remedies: ['choose-lens'],
    },
  );

export function resNet(variant: ResNetVariant, id: string, habits: Partial<ResNetHabits> = {}): Architecture {
  return {
    id,
    anchor: variant.deepStem === undefined ? 'conv1.weight' : 'conv1.0.weight',
    inputSize: 224,
    head: { root: 'fc', path: 'fc', layer: 'fc' },
    trunk: (net, image) =>
      trunk(net, image, variant, { ...usual, antialias: variant.antialias ?? null, ...habits }),
  };
}
