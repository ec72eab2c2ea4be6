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
const twoHundred = bottlenecks(3, 24, 36, 3);
const twoHundredSixtyNine = bottlenecks(3, 30, 48, 8);
const twentySix = bottlenecks(2, 2, 2, 2);
const eighteen = basicBlocks(2, 2, 2, 2);
const thirtyFour = basicBlocks(3, 4, 6, 3);

/** By the number of layers, as every library counts them. */
export const plainResNets = {
  ...{ 18: eighteen, 26: twentySix, 34: thirtyFour },
  ...{ 50: fifty, 101: hundredOne, 152: hundredFiftyTwo },
} as const;

/** ResNeXt's names: groups, and channels of each in the first stage. */
const x32x4d = { groups: 32, groupWidth: 4 };
const x32x8d = { groups: 32, groupWidth: 8 };
const x64x4d = { groups: 64, groupWidth: 4 };

/** timm's letters: c, three 3x3 convolutions as a stem; s, wider ones; d, c that averages in shortcuts; t, d with a narrower start. */
const c = (variant: ResNetVariant): ResNetVariant => ({ ...variant, deepStem: [32, 32, 64] });
const s = (variant: ResNetVariant): ResNetVariant => ({ ...variant, deepStem: [64, 64, 128] });
const d = (variant: ResNetVariant): ResNetVariant => ({ ...c(variant), averageDown: true });
const t = (variant: ResNetVariant): ResNetVariant => ({ ...d(variant), deepStem: [24, 32, 64] });
/** Squeeze and excitation, ECA, and what ResNet-RS has of both d and that. */
const se = (variant: ResNetVariant): ResNetVariant => ({ ...variant, attention: { squeeze: 1 / 16 } });
const eca = (variant: ResNetVariant): ResNetVariant => ({ ...variant, attention: 'eca' });
const rs = (variant: ResNetVariant): ResNetVariant => ({
  ...{ ...d(variant), attention: { squeeze: 1 / 4 }, convolvesInStem: true },
});

/** Known to both libraries by the same name. */
export const commonResNets: Readonly<Record<string, ResNetVariant>> = {
  resnet18: eighteen,
  resnet34: thirtyFour,
  resnet50: fifty,
  resnet101: hundredOne,
  resnet152: hundredFiftyTwo,
  resnext50_32x4d: { ...fifty, ...x32x4d },
  resnext101_32x8d: { ...hundredOne, ...x32x8d },
  resnext101_64x4d: { ...hundredOne, ...x64x4d },
  wide_resnet50_2: { ...fifty, groupWidth: 128 },
  wide_resnet101_2: { ...hundredOne, groupWidth: 128 },
};

/** Known only to timm. */
export const timmResNets: Readonly<Record<string, ResNetVariant>> = {
  resnet10t: t(basicBlocks(1, 1, 1, 1)),
  resnet14t: t(bottlenecks(1, 1, 1, 1)),
  resnet18d: d(eighteen),
  resnet26: twentySix,
  resnet26d: d(twentySix),
  resnet26t: t(twentySix),
  resnet34d: d(thirtyFour),
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
  resnet200: twoHundred,
  resnet200d: d(twoHundred),
  resnext50d_32x4d: d({ ...fifty, ...x32x4d }),
  resnext101_32x4d: { ...hundredOne, ...x32x4d },
  resnext101_32x16d: { ...hundredOne, groups: 32, groupWidth: 16 },
  resnext101_32x32d: { ...hundredOne, groups: 32, groupWidth: 32 },
  resnet50_gn: { ...fifty, groupNorm: true },
  seresnet18: se(eighteen),
  seresnet34: se(thirtyFour),
  seresnet50: se(fifty),
  seresnet50t: se(t(fifty)),
  seresnet101: se(hundredOne),
  seresnet152: se(hundredFiftyTwo),
  seresnet152d: se(d(hundredFiftyTwo)),
  seresnet200d: se(d(twoHundred)),
  seresnet269d: se(d(twoHundredSixtyNine)),
  seresnetaa50d: { ...se(d(fifty)), antialias: 'average' },
  seresnext26d_32x4d: se(d({ ...twentySix, ...x32x4d })),
  seresnext26t_32x4d: se(t({ ...twentySix, ...x32x4d })),
  seresnext50_32x4d: se({ ...fifty, ...x32x4d }),
  seresnext101_32x4d: se({ ...hundredOne, ...x32x4d }),
  seresnext101_32x8d: se({ ...hundredOne, ...x32x8d }),
  seresnext101d_32x8d: se(d({ ...hundredOne, ...x32x8d })),
  seresnext101_64x4d: se({ ...hundredOne, ...x64x4d }),
  seresnextaa201d_32x8d: {
    ...se({ ...d({ ...bottlenecks(3, 24, 36, 4), ...x32x8d }), deepStem: [64, 64, 128] }),
    antialias: 'average',
  },
  ecaresnet26t: eca(t(twentySix)),
  ecaresnet50d: eca(d(fifty)),
  ecaresnet50t: eca(t(fifty)),
  ecaresnetlight: eca({ ...bottlenecks(1, 1, 11, 3), averageDown: true }),
  ecaresnet101d: eca(d(hundredOne)),
  ecaresnet200d: eca(d(twoHundred)),
  ecaresnet269d: eca(d(twoHundredSixtyNine)),
  ecaresnext26t_32x4d: eca(t({ ...twentySix, ...x32x4d })),
  resnetrs50: rs(fifty),
  resnetrs101: rs(hundredOne),
  resnetrs152: rs(hundredFiftyTwo),
  resnetrs200: rs(twoHundred),
  resnetrs270: rs(bottlenecks(4, 29, 53, 4)),
  resnetrs350: rs(bottlenecks(4, 36, 72, 4)),
  resnetrs420: rs(bottlenecks(4, 44, 87, 4)),
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
