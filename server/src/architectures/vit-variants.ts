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
const plans = { tiny, small, medium, base, large, huge };

type Row = readonly [plan: keyof typeof plans, patch: number, sizes: readonly number[]];

const plain: readonly Row[] = [
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

const third: readonly Row[] = [
  ['small', 16, [224, 384]],
  ['medium', 16, [224]],
  ['base', 16, [224, 384]],
  ['large', 16, [224, 384]],
  ['huge', 14, [224]],
];

const clip: readonly Row[] = [
  ['base', 32, [224, 256, 384, 448]],
  ['base', 16, [224, 384]],
  ['large', 14, [224, 336]],
  ['huge', 14, [224, 336]],
];

const family = (
  rows: readonly Row[],
  name: (plan: string, patch: number, size: number) => string,
  extra: Partial<VisionTransformer> = {},
): readonly Architecture[] =>
  rows.flatMap(([plan, patch, sizes]) =>
    sizes.map((size) =>
      timmViT(`timm/${name(plan, patch, size)}`, { ...plans[plan], patch, size, ...extra }),
    ),
  );

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
  ...family(plain, (plan, patch, size) => `vit_${plan}_patch${patch}_${size}`),
  ...family(third, (plan, patch, size) => `deit3_${plan}_patch${patch}_${size}`, { third: true }),
  ...family(clip, (plan, patch, size) => `vit_${plan}_patch${patch}_clip_${size}`, {
    preNorm: true,
    epsilon: 1e-5,
  }),
];
