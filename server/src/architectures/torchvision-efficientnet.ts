/** EfficientNet B0 to B7 and EfficientNetV2 S, M, L as `torchvision` computes them. */
import type { Block, Stage, Variant } from './efficientnet-scaling';
import { expandStages, scaledBlocks, scaledChannels, scalings, variants } from './efficientnet-scaling';
import type { Feature, NetworkBuilder, Vector } from './layers';
import { mbconv } from './mbconv';
import type { ConvNorm } from './mbconv';
import type { Architecture } from './network';
import { symmetricPadding } from './padding';

/** What a variant adds to the shared skeleton `features.0 .. features.N, avgpool, classifier`. */
interface Plan {
  readonly id: string;
  readonly inputSize: number;
  readonly epsilon: number;
  readonly stem: number;
  readonly blocks: readonly Block[];
  /** The first stages of V2 replace expansion and depthwise convolution by one full convolution. */
  readonly fusedStages: number;
  /** Channels of the last convolution. */
  readonly last: number;
}

function trunk(net: NetworkBuilder, image: Feature, plan: Plan): Vector {
  const { epsilon } = plan;
  const stages = 1 + Math.max(...plan.blocks.map((block) => block.stage));
  let x = net.report(
    'features.0',
    convNormSilu(net, image, 'features.0', { channels: plan.stem, kernel: 3, stride: 2, epsilon }),
  );
  for (const block of plan.blocks) {
    const path = `features.${block.stage + 1}.${block.index}`;
    x = net.report(path, blockOf(net, x, path, block, plan));
  }
  const last = `features.${stages + 1}`;
  x = net.report(last, convNormSilu(net, x, last, { channels: plan.last, kernel: 1, epsilon }));
  x = net.report('avgpool', net.globalAveragePool(x, 'avgpool'));
  return net.flatten(x, 'flatten');
}

function blockOf(net: NetworkBuilder, x: Feature, as: string, block: Block, plan: Plan): Feature {
  return block.stage < plan.fusedStages
    ? fused(net, x, as, block, plan.epsilon)
    : depthwise(net, x, as, block, plan.epsilon);
}

function depthwise(net: NetworkBuilder, input: Feature, as: string, block: Block, epsilon: number): Feature {
  const first = block.expansion === 1 ? 0 : 1;
  const paths = {
    expand: first === 0 ? null : layer(as, 0),
    depthwise: layer(as, first),
    squeeze: { reduce: `${as}.block.${first + 1}.fc1`, expand: `${as}.block.${first + 1}.fc2` },
    project: layer(as, first + 2),
  };
  return mbconv(net, input, { block, paths, padding: symmetricPadding(block.kernel), epsilon, as });
}

/** Fused MBConv: one full convolution that widens, one 1x1 that projects; without expansion the first does both. */
function fused(net: NetworkBuilder, input: Feature, as: string, block: Block, epsilon: number): Feature {
  const residual = block.stride === 1 && block.inputs === block.outputs;
  const options = { kernel: block.kernel, stride: block.stride, epsilon };
  if (block.expansion === 1) {
    const x = convNormSilu(net, input, `${as}.block.0`, { ...options, channels: block.outputs });
    return residual ? net.add(x, input, as) : x;
  }
  const wide = block.inputs * block.expansion;
  let x = convNormSilu(net, input, `${as}.block.0`, { ...options, channels: wide });
  const project = layer(as, 1);
  x = net.conv(x, project.conv, { channels: block.outputs, kernel: 1, padding: symmetricPadding(1) });
  x = net.batchNorm(x, project.norm, epsilon, residual ? project.norm : as);
  return residual ? net.add(x, input, as) : x;
}

interface ConvNormOptions {
  readonly channels: number;
  readonly kernel: number;
  readonly stride?: number;
  readonly epsilon: number;
}

/** torchvision's Conv2dNormActivation: `path.0` convolves, `path.1` normalizes. The output tensor is named `path`. */
function convNormSilu(net: NetworkBuilder, x: Feature, path: string, options: ConvNormOptions): Feature {
  const { epsilon, ...conv } = options;
  const convolved = net.conv(x, `${path}.0`, { ...conv, padding: symmetricPadding(conv.kernel) });
  return net.silu(net.batchNorm(convolved, `${path}.1`, epsilon), path);
}

/** The block's `index`-th Conv2dNormActivation. */
function layer(path: string, index: number): ConvNorm {
  return { conv: `${path}.block.${index}.0`, norm: `${path}.block.${index}.1` };
}

/** torchvision gives B5 to B7 the normalization constant of their TensorFlow originals and keeps PyTorch's for the rest. */
const scaledPlan = (variant: Variant): Plan => ({
  id: `torchvision/efficientnet_${variant}`,
  inputSize: trainedAt[variant] ?? scalings[variant].size,
  epsilon: ['b5', 'b6', 'b7'].includes(variant) ? 1e-3 : 1e-5,
  stem: scaledChannels(32, variant),
  get blocks() {
    return scaledBlocks(variant);
  },
  fusedStages: 0,
  last: 4 * scaledChannels(320, variant),
});

/** B2's published weights expect 288 pixels, not the paper's 260. */
const trainedAt: Readonly<Partial<Record<Variant, number>>> = { b2: 288 };

const stage = (
  expansion: number,
  stride: number,
  inputs: number,
  outputs: number,
  repeats: number,
): Stage => ({ kernel: 3, expansion, stride, inputs, outputs, repeats });

/** EfficientNetV2, arXiv 2104.00298, table 4 and torchvision's medium and large. */
const v2Stages: Readonly<Record<'s' | 'm' | 'l', readonly Stage[]>> = {
  s: [
    stage(1, 1, 24, 24, 2),
    stage(4, 2, 24, 48, 4),
    stage(4, 2, 48, 64, 4),
    stage(4, 2, 64, 128, 6),
    stage(6, 1, 128, 160, 9),
    stage(6, 2, 160, 256, 15),
  ],
  m: [
    stage(1, 1, 24, 24, 3),
    stage(4, 2, 24, 48, 5),
    stage(4, 2, 48, 80, 5),
    stage(4, 2, 80, 160, 7),
    stage(6, 1, 160, 176, 14),
    stage(6, 2, 176, 304, 18),
    stage(6, 1, 304, 512, 5),
  ],
  l: [
    stage(1, 1, 32, 32, 4),
    stage(4, 2, 32, 64, 7),
    stage(4, 2, 64, 96, 7),
    stage(4, 2, 96, 192, 10),
    stage(6, 1, 192, 224, 19),
    stage(6, 2, 224, 384, 25),
    stage(6, 1, 384, 640, 7),
  ],
};

const v2Plan = (size: 's' | 'm' | 'l'): Plan => ({
  id: `torchvision/efficientnet_v2_${size}`,
  inputSize: size === 's' ? 384 : 480,
  epsilon: 1e-3,
  stem: size === 'l' ? 32 : 24,
  get blocks() {
    return expandStages(v2Stages[size]);
  },
  fusedStages: 3,
  last: 1280,
});

const plans = [
  ...variants.filter((variant) => variant !== 'b8').map(scaledPlan),
  ...(['s', 'm', 'l'] as const).map(v2Plan),
];

export const torchvisionEfficientNet: readonly Architecture[] = plans.map((plan) => ({
  id: plan.id,
  anchor: 'features.0.0.weight',
  inputSize: plan.inputSize,
  head: { root: 'classifier', path: 'classifier.1', layer: 'classifier' },
  trunk: (net, image) => trunk(net, image, plan),
}));
