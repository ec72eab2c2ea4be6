/** Which ResNets, ResNeXts and Wide ResNets there are, by the names that torchvision 0.24 and timm 1.0.22 give them. */
import type { Architecture } from './network';
import type { ResNetVariant } from './torchvision-resnet';
import { resNet } from './torchvision-resnet';

const bottlenecks = (...layers: readonly number[]): ResNetVariant => ({ layers, bottleneck: true });
const basicBlocks = (...layers: readonly number[]): ResNetVariant => ({ layers, bottleneck: false });

/** arXiv 1512.03385, table 1. */
const fifty = bottlenecks(3, 4, 6, 3);
const hundredOne = bottlenecks(3, 4, 23, 3);
const hundredFiftyTwo = bottlenecks(3, 8, 36, 3);

/** timm's letters: c, three 3x3 convolutions as a stem; s, wider ones; d, c that averages in shortcuts; t, d with a narrower start. */
const c = (variant: ResNetVariant): ResNetVariant => ({ ...variant, deepStem: [32, 32, 64] });
const s = (variant: ResNetVariant): ResNetVariant => ({ ...variant, deepStem: [64, 64, 128] });
const d = (variant: ResNetVariant): ResNetVariant => ({ ...c(variant), averageDown: true });
const t = (variant: ResNetVariant): ResNetVariant => ({ ...d(variant), deepStem: [24, 32, 64] });

/** Known to both libraries by the same name. */
export const commonResNets: Readonly<Record<string, ResNetVariant>> = {
  resnet18: basicBlocks(2, 2, 2, 2),
  resnet34: basicBlocks(3, 4, 6, 3),
  resnet50: fifty,
  resnet101: hundredOne,
  resnet152: hundredFiftyTwo,
  resnext50_32x4d: { ...fifty, groups: 32, groupWidth: 4 },
  resnext101_32x8d: { ...hundredOne, groups: 32, groupWidth: 8 },
  resnext101_64x4d: { ...hundredOne, groups: 64, groupWidth: 4 },
  wide_resnet50_2: { ...fifty, groupWidth: 128 },
  wide_resnet101_2: { ...hundredOne, groupWidth: 128 },
};

/** Known to timm alone. */
export const timmResNets: Readonly<Record<string, ResNetVariant>> = {
  resnet10t: t(basicBlocks(1, 1, 1, 1)),
  resnet14t: t(bottlenecks(1, 1, 1, 1)),
  resnet18d: d(basicBlocks(2, 2, 2, 2)),
  resnet26: bottlenecks(2, 2, 2, 2),
  resnet26d: d(bottlenecks(2, 2, 2, 2)),
  resnet26t: t(bottlenecks(2, 2, 2, 2)),
  resnet34d: d(basicBlocks(3, 4, 6, 3)),
  resnet50c: c(fifty),
  resnet50d: d(fifty),
  resnet50s: s(fifty),
  resnet50t: t(fifty),
  resnet101c: c(hundredOne),
  resnet101d: d(hundredOne),
  resnet101s: s(hundredOne),
  resnet152c: c(hundredFiftyTwo),
  resnet152d: d(hundredFiftyTwo),
  resnet152s: s(hundredFiftyTwo),
  resnet200: bottlenecks(3, 24, 36, 3),
  resnet200d: d(bottlenecks(3, 24, 36, 3)),
  resnext50d_32x4d: d({ ...fifty, groups: 32, groupWidth: 4 }),
  resnext101_32x4d: { ...hundredOne, groups: 32, groupWidth: 4 },
  resnext101_32x16d: { ...hundredOne, groups: 32, groupWidth: 16 },
  resnext101_32x32d: { ...hundredOne, groups: 32, groupWidth: 32 },
};

const family = (
  library: string,
  variants: Readonly<Record<string, ResNetVariant>>,
): readonly Architecture[] =>
  Object.entries(variants).map(([name, variant]) => resNet(variant, `${library}/${name}`));

export const resNets: readonly Architecture[] = [
  ...family('torchvision', commonResNets),
  ...family('timm', timmResNets),
];
