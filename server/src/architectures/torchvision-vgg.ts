/** VGG-11, 13, 16 and 19, with and without batch normalization, as `torchvision` computes them. */
import type { Feature, LineMap, NetworkBuilder, Vector } from './layers';
import type { Architecture } from './network';
import { symmetricPadding } from './padding';

const epsilon = 1e-5;

/** arXiv 1409.1556, table 1 (A, B, D, E): 3x3 convolutions before each of the five pools. */
export const vggStages: Readonly<Record<string, readonly (readonly number[])[]>> = {
  vgg11: [[64], [128], [256, 256], [512, 512], [512, 512]],
  vgg13: [
    [64, 64],
    [128, 128],
    [256, 256],
    [512, 512],
    [512, 512],
  ],
  vgg16: [
    [64, 64],
    [128, 128],
    [256, 256, 256],
    [512, 512, 512],
    [512, 512, 512],
  ],
  vgg19: [
    [64, 64],
    [128, 128],
    [256, 256, 256, 256],
    [512, 512, 512, 512],
    [512, 512, 512, 512],
  ],
};

/** Side that the last feature map is averaged to. */
const POOLED = 7;

export interface VggPlan {
  readonly stages: readonly (readonly number[])[];
  readonly batchNorm: boolean;
  /** Width of the two hidden linear layers. */
  readonly hidden: number;
}

/** Layers are the outputs of the ReLUs and the pools, under the numbers that these have in `features`. */
function trunk(net: NetworkBuilder, image: Feature, { stages, batchNorm, hidden }: VggPlan): Vector {
  let x = image;
  let index = 0;
  for (const stage of stages) {
    for (const channels of stage) {
      const conv = { channels, kernel: 3, padding: symmetricPadding(3), bias: true };
      x = net.conv(x, `features.${index++}`, conv);
      if (batchNorm) x = net.batchNorm(x, `features.${index++}`, epsilon);
      const path = `features.${index++}`;
      x = net.report(path, net.relu(x, path));
    }
    const path = `features.${index++}`;
    x = net.report(path, net.maxPool(x, 2, 2, 0, path));
  }
  let y = net.flatten(adaptiveAveragePool(net, x), 'flatten');
  for (const layer of [0, 3]) {
    const path = `classifier.${layer + 1}`;
    const wide = net.linear(y, `classifier.${layer}`, { channels: hidden });
    y = net.report(path, net.relu(wide, path));
  }
  return y;
}

/** nn.AdaptiveAvgPool2d(7); with an input of 224 pixels it changes nothing. */
function adaptiveAveragePool(net: NetworkBuilder, x: Feature): Feature {
  if (x.height === POOLED && x.width === POOLED) return x;
  return net.separable(x, windows(x.height), windows(x.width), 'avgpool');
}

/** Row i averages the pixels floor(i n / 7) to ceil((i + 1) n / 7) - 1 (ATen, AdaptiveAveragePooling.h). */
function windows(length: number): LineMap {
  const row = (i: number): Float64Array => {
    const start = Math.floor((i * length) / POOLED);
    const end = Math.ceil(((i + 1) * length) / POOLED);
    return new Float64Array(length).fill(1 / (end - start), start, end);
  };
  return { length: POOLED, rows: () => Array.from({ length: POOLED }, (_, i) => row(i)) };
}

export const vgg = (id: string, plan: VggPlan): Architecture => ({
  id,
  anchor: 'features.0.weight',
  inputSize: 224,
  head: { root: 'classifier.6', path: 'classifier.6', layer: 'classifier' },
  trunk: (net, image) => trunk(net, image, plan),
});

export const torchvisionVgg: readonly Architecture[] = Object.entries(vggStages).flatMap(([name, stages]) =>
  [false, true].map((batchNorm) =>
    vgg(`torchvision/${name}${batchNorm ? '_bn' : ''}`, { stages, batchNorm, hidden: 4096 }),
  ),
);
