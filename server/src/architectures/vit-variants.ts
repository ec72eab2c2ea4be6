/** Which vision transformers there are, by the names that torchvision 0.24 and timm 1.0.22 give them. */
import type { Architecture } from './network';
import type { VisionTransformer } from './vision-transformer';
import { timmViT, torchvisionViT } from './vision-transformer';

type Plan = Omit<VisionTransformer, 'size' | 'patch'>;

const tiny: Plan = { channels: 192, depth: 12, heads: 3 };
const small: Plan = { channels: 384, depth: 12, heads: 6 };
const medium: Plan = { channels: 512, depth: 12, heads: 8 };
const base: Plan = { channels: 768, depth: 12, heads: 12 };
const large: Plan = { channels: 1024, depth: 24, heads: 16 };
const huge: Plan = { channels: 1280, depth: 32, heads: 16 };
const vitSizes = { tiny, small, medium, base, large, huge };

type ViTRow = readonly [plan: keyof typeof vitSizes, patch: number, sizes: readonly number[]];

export const plainViTs: readonly ViTRow[] = [
  ['tiny', 16, [224, 384]],
  ['small', 32, [224, 384]],
  ['small', 16, [224, 384]],
  ['small', 8, [224]],
  ['base', 32, [224, 384]],
  ['base', 16, [224, 384]],
  ['base', 8, [224]],
  ['large', 32, [224, 384]],
  ['large', 16, [224, 384]],
  ['large', 14, [224]],
  ['huge', 14, [224]],
];

const third: readonly ViTRow[] = [
  ['small', 16, [224, 384]],
  ['medium', 16, [224]],
  ['base', 16, [224, 384]],
  ['large', 16, [224, 384]],
  ['huge', 14, [224]],
];

export const distilledViTs: readonly ViTRow[] = [
  ['tiny', 16, [224]],
  ['small', 16, [224]],
  ['base', 16, [224, 384]],
];

/** DINOv2's, with a linear head; 518 pixels. */
const dinov2: readonly ViTRow[] = [
  ['small', 14, [518]],
  ['base', 14, [518]],
  ['large', 14, [518]],
];

const betwixt: Plan = { channels: 640, depth: 12, heads: 10 };
const mediumDeep: Plan = { ...medium, depth: 20 };
const averaged: Partial<VisionTransformer> = { classToken: false, pool: 'mean of normalized' };
const withoutBias: Partial<VisionTransformer> = { ...averaged, qkvBias: false, layerScale: true };

/** Without a class token: timm's names end in `gap`. Number of heads is not in a file: SigLIP's come before I-JEPA's. */
const gap: readonly (readonly [
  name: string,
  plan: Plan,
  patch: number,
  size: number,
  Partial<VisionTransformer>,
])[] = [
  ...[240, 256, 384].map((size) => ['medium_patch16_gap', medium, 16, size, withoutBias] as const),
  ['betwixt_patch16_gap', betwixt, 16, 256, withoutBias],
  ...[224, 256, 384, 512].map((size) => ['base_patch16_siglip_gap', base, 16, size, averaged] as const),
  ...[256, 384].map((size) => ['large_patch16_siglip_gap', large, 16, size, averaged] as const),
  ['base_patch16_gap', { ...base, heads: 16 }, 16, 224, averaged],
  ['huge_patch14_gap', huge, 14, 224, averaged],
  ['huge_patch16_gap', huge, 16, 448, averaged],
];

/** With register tokens and the mean of the patches: `regN_gap`. */
const registered: readonly (readonly [name: string, plan: Plan, registers: number, size: number])[] = [
  ['medium', medium, 1, 256],
  ['medium', medium, 4, 256],
  ['mediumd', mediumDeep, 4, 256],
  ['mediumd', mediumDeep, 4, 384],
  ['betwixt', betwixt, 1, 256],
  ['betwixt', betwixt, 4, 256],
  ['betwixt', betwixt, 4, 384],
  ['base', base, 4, 256],
];

const clip: readonly ViTRow[] = [
  ['base', 32, [224, 256, 384, 448]],
  ['base', 16, [224, 384]],
  ['large', 14, [224, 336]],
  ['huge', 14, [224, 336]],
];

/** Every row in each of its sizes. @param build makes one of them, by its name without the library */
export const vitFamily = (
  build: (name: string, plan: VisionTransformer) => Architecture,
  rows: readonly ViTRow[],
  name: (plan: string, patch: number, size: number) => string,
  extra: Partial<VisionTransformer> = {},
): readonly Architecture[] =>
  rows.flatMap(([plan, patch, sizes]) =>
    sizes.map((size) => build(name(plan, patch, size), { ...vitSizes[plan], patch, size, ...extra })),
  );

const ofTimm = (name: string, plan: VisionTransformer): Architecture => timmViT(`timm/${name}`, plan);

/** The sizes that torchvision publishes weights for: 384, 512 and 518 are its SWAG weights. */
const torchvisionRows: readonly (readonly [string, Plan, number, readonly number[]])[] = [
  ['vit_b_16', base, 16, [224, 384]],
  ['vit_b_32', base, 32, [224]],
  ['vit_l_16', large, 16, [224, 512]],
  ['vit_l_32', large, 32, [224]],
  ['vit_h_14', huge, 14, [224, 518]],
];

export const visionTransformers: readonly Architecture[] = [
  ...torchvisionRows.flatMap(([name, plan, patch, sizes]) =>
    sizes.map((size) => {
      const id = `torchvision/${name}${size === 224 ? '' : `+image_size=${size}`}`;
      return torchvisionViT(id, { ...plan, patch, size });
    }),
  ),
  ...vitFamily(ofTimm, plainViTs, (plan, patch, size) => `vit_${plan}_patch${patch}_${size}`),
  ...vitFamily(ofTimm, third, (plan, patch, size) => `deit3_${plan}_patch${patch}_${size}`, {
    layerScale: true,
    patchPositions: true,
  }),
  ...vitFamily(
    ofTimm,
    plainViTs,
    (plan, patch, size) => `vit_${plan}_patch${patch}_${size}+global_pool=avg`,
    {
      pool: 'normalized mean',
    },
  ),
  ...vitFamily(ofTimm, distilledViTs, (plan, patch, size) => `deit_${plan}_distilled_patch${patch}_${size}`, {
    distilled: true,
  }),
  ...vitFamily(ofTimm, dinov2, (plan, patch) => `vit_${plan}_patch${patch}_dinov2`, { layerScale: true }),
  ...vitFamily(ofTimm, dinov2, (plan, patch) => `vit_${plan}_patch${patch}_reg4_dinov2`, {
    ...{ layerScale: true, patchPositions: true, registers: 4 },
  }),
  ...gap.map(([name, plan, patch, size, extra]) =>
    timmViT(`timm/vit_${name}_${size}`, { ...plan, patch, size, ...extra }),
  ),
  ...registered.map(([name, plan, registers, size]) =>
    timmViT(`timm/vit_${name}_patch16_reg${registers}_gap_${size}`, {
      ...{ ...plan, patch: 16, size, registers, classToken: false, patchPositions: true },
      ...{ pool: 'normalized mean', layerScale: plan !== base },
    }),
  ),
  ...vitFamily(ofTimm, clip, (plan, patch, size) => `vit_${plan}_patch${patch}_clip_${size}`, {
    preNorm: true,
    epsilon: 1e-5,
  }),
];
