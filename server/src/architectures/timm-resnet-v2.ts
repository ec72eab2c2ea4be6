/** ResNet V2 (arXiv 1603.05027) as timm computes it: activations before convolutions; with weight standardization, BiT (arXiv 1912.11370). */
import { float32Tensor, int64Tensor } from '../onnx/builder';
import { Strides } from './dilation';
import { divisible } from './divisible';
import type { ConvOptions, Feature, GlobalPool, NetworkBuilder, Vector } from './layers';
import type { Architecture } from './network';
import { evoNorm, filterResponseNorm, groupNorm } from './normalization';
import { symmetricPadding } from './padding';

export interface ResNetV2 {
  /** Blocks of the four stages. */
  readonly layers: readonly number[];
  /** Blocks of two 3x3 convolutions, as in ResNet-18 and 34. */
  readonly basic?: boolean;
  /** Factor of all channels; 1 by default. */
  readonly width?: number;
  /** What normalizes, and ends in an activation; batch normalization by default. */
  readonly norm?: 'batch' | 'group' | 'evo' | 'filter response';
  /** Three 3x3 convolutions as a stem, and shortcuts that average where they would stride: timm's d and t. */
  readonly deep?: 'd' | 't';
  /** Google's Big Transfer: standardized weights, and a stem that pads with zeros before it takes the maximum. */
  readonly bit?: boolean;
}

/** What networks with the same names and shapes do differently (`twins.ts`). */
export interface ResNetV2Habits {
  /** Of the last stage: 32, or less where stages are dilated instead. */
  readonly outputStride: number;
  readonly pool: GlobalPool;
}

const usual: ResNetV2Habits = { outputStride: 32, pool: 'avg' };

const epsilon = 1e-5;

/** timm's `StdConv2d(eps=1e-8)`. */
const STANDARDIZE = 1e-8;

/** Of the four stages. */
const CHANNELS = [256, 512, 1024, 2048] as const;
const BASIC_CHANNELS = [64, 128, 256, 512] as const;
const STEM = 64;

function trunk(net: NetworkBuilder, image: Feature, plan: ResNetV2, habits: ResNetV2Habits): Vector {
  const { layers, basic = false, width = 1 } = plan;
  let x = stem(net, image, plan);
  const strides = new Strides(habits.outputStride, 4);
  layers.forEach((blocks, stage) => {
    const channels = divisible(((basic ? BASIC_CHANNELS : CHANNELS)[stage] ?? 0) * width);
    for (let index = 0; index < blocks; index++) {
      const path = `stages.${stage}.blocks.${index}`;
      const moves = strides.next(stage > 0 && index === 0 ? 2 : 1);
      x = net.report(path, block(net, x, path, { plan, channels, ...moves, isFirst: index === 0 }));
    }
  });
  x = net.report('norm', activated(net, x, 'norm', plan));
  return net.flatten(net.globalPool(x, habits.pool, 'mean'), 'flatten');
}

/** A normalization and what activates behind it. */
function activated(net: NetworkBuilder, x: Feature, path: string, { norm = 'batch' }: ResNetV2): Feature {
  if (norm === 'evo') return evoNorm(net, x, path);
  if (norm === 'filter response') return filterResponseNorm(net, x, path);
  const as = `${path}/normed`;
  const normed = norm === 'group' ? groupNorm(net, x, path, as) : net.batchNorm(x, path, epsilon, as);
  return net.relu(normed, path);
}

function conv(
  net: NetworkBuilder,
  x: Feature,
  path: string,
  { bit = false }: ResNetV2,
  options: Omit<ConvOptions, 'padding'>,
): Feature {
  const padding = symmetricPadding(options.kernel, options.dilation);
  return net.conv(x, path, { ...options, padding, ...(bit ? { standardize: STANDARDIZE } : {}) });
}

function stem(net: NetworkBuilder, image: Feature, plan: ResNetV2): Feature {
  const { deep, bit = false, width = 1 } = plan;
  const channels = divisible(STEM * width);
  let x: Feature;
  if (deep === undefined) {
    x = net.report('stem.conv', conv(net, image, 'stem.conv', plan, { channels, kernel: 7, stride: 2 }));
  } else {
    const half = Math.trunc(channels / 2);
    const narrow = deep === 't' ? Math.trunc((3 * channels) / 8) : half;
    const small = (y: Feature, index: number, to: number, stride: number): Feature =>
      conv(net, y, `stem.conv${index}`, plan, { channels: to, kernel: 3, stride });
    x = activated(net, small(image, 1, narrow, 2), 'stem.norm1', plan);
    x = activated(net, small(x, 2, half, 1), 'stem.norm2', plan);
    x = net.report('stem.conv3', small(x, 3, channels, 1));
  }
  return bit
    ? net.maxPool(bordered(net, x, 'stem.pad'), 3, 2, 0, 'stem.pool')
    : net.maxPool(x, 3, 2, 1, 'stem.pool');
}

/** One row and column of zeros on each side: next to negative values they are the maximum, which padding of the pool itself never is. */
function bordered(net: NetworkBuilder, x: Feature, as: string): Feature {
  const pads = net.graph.constant(`${as}/pads`, () => int64Tensor([0, 0, 1, 1, 0, 0, 1, 1]));
  const zero = net.graph.constant(`${as}/zero`, () => float32Tensor([], [0]));
  const tensor = net.graph.node('Pad', [x.tensor, pads, zero], {}, as);
  return { ...x, tensor, height: x.height + 2, width: x.width + 2 };
}

interface BlockOptions {
  readonly plan: ResNetV2;
  readonly channels: number;
  readonly stride: number;
  /** Of the 3x3 convolution that strides. */
  readonly first: number;
  /** Of a 3x3 convolution after it. */
  readonly dilation: number;
  readonly isFirst: boolean;
}

/** residual(p) + shortcut, with p = activated x; the shortcut of a stage's first block is a convolution of p, any other is x. */
function block(net: NetworkBuilder, x: Feature, path: string, options: BlockOptions): Feature {
  const { plan, channels, stride, first, dilation, isFirst } = options;
  const { basic = false } = plan;
  const activatedBy = (y: Feature, index: number): Feature => activated(net, y, `${path}.norm${index}`, plan);
  const convolved = (y: Feature, index: number, to: number, kernel: number, moves = {}): Feature =>
    conv(net, y, `${path}.conv${index}`, plan, { channels: to, kernel, ...moves });
  const p = activatedBy(x, 1);
  const projects = isFirst && (!basic || stride !== 1 || first !== dilation || x.channels !== channels);
  const shortcut = projects ? projected(net, p, `${path}.downsample`, options) : x;
  let y: Feature;
  if (basic) {
    y = convolved(p, 1, channels, 3, { stride, dilation: first });
    y = convolved(activatedBy(y, 2), 2, channels, 3, { dilation });
  } else {
    const inner = divisible(channels / 4);
    y = convolved(p, 1, inner, 1);
    y = convolved(activatedBy(y, 2), 2, inner, 3, { stride, dilation: first });
    y = convolved(activatedBy(y, 3), 3, channels, 1);
  }
  return net.add(y, shortcut, path);
}

function projected(net: NetworkBuilder, p: Feature, path: string, options: BlockOptions): Feature {
  const { plan, channels, stride } = options;
  const averages = plan.deep !== undefined && stride !== 1;
  const x = averages ? net.averagePool(p, stride, `${path}.pool`, 'ceil') : p;
  const own = { channels, kernel: 1, stride: plan.deep === undefined ? stride : 1 };
  return conv(net, x, `${path}.conv`, plan, own);
}

/** @param id such as `timm/resnetv2_50`, or that of a twin */
export const resNetV2 = (id: string, plan: ResNetV2, habits: Partial<ResNetV2Habits> = {}): Architecture => ({
  id,
  anchor: plan.deep === undefined ? 'stem.conv.weight' : 'stem.conv1.weight',
  inputSize: 224,
  head: { root: 'head.fc', path: 'head.fc', layer: 'head.fc', isConvolution: true },
  trunk: (net, image) => trunk(net, image, plan, { ...usual, ...habits }),
});

const depths = { 50: [3, 4, 6, 3], 101: [3, 4, 23, 3], 152: [3, 8, 36, 3] } as const;
const basicDepths = { 18: [2, 2, 2, 2], 34: [3, 4, 6, 3] } as const;

const bits = [
  [50, 1],
  [50, 3],
  [101, 1],
  [101, 3],
  [152, 2],
  [152, 4],
] as const;

/** By the names that timm 1.0.22 gives them. */
export const timmResNetV2Plans: Readonly<Record<string, ResNetV2>> = {
  ...Object.fromEntries(
    bits.map(([depth, width]) => [
      `resnetv2_${depth}x${width}_bit`,
      { layers: depths[depth], width, norm: 'group', bit: true },
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(basicDepths).flatMap(([depth, layers]) => [
      [`resnetv2_${depth}`, { layers, basic: true }],
      [`resnetv2_${depth}d`, { layers, basic: true, deep: 'd' }],
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(depths).flatMap(([depth, layers]) => [
      [`resnetv2_${depth}`, { layers }],
      [`resnetv2_${depth}d`, { layers, deep: 'd' }],
    ]),
  ),
  resnetv2_50t: { layers: depths[50], deep: 't' },
  resnetv2_50d_gn: { layers: depths[50], deep: 'd', norm: 'group' },
  resnetv2_50d_evos: { layers: depths[50], deep: 'd', norm: 'evo' },
  resnetv2_50d_frn: { layers: depths[50], deep: 'd', norm: 'filter response' },
};

export const timmResNetV2: readonly Architecture[] = Object.entries(timmResNetV2Plans).map(([name, plan]) =>
  resNetV2(`timm/${name}`, plan),
);
