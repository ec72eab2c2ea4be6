/** Which classifiers of Hugging Face's `transformers` are known, by the names that their weights have on its hub. */
import { convNeXtOfTimm, convNeXtVariants } from './convnext';
import type { ConvNeXt } from './convnext';
import type { Architecture } from './network';
import { plainResNets } from './resnet-variants';
import { spelled } from './spelling';
import { swinRows, swinSizes, swinV2Rows, timmSwin } from './swin';
import type { Swin } from './swin';
import type { ResNetVariant } from './torchvision-resnet';
import { resNet } from './torchvision-resnet';
import { convNeXtSpelling, resNetSpelling, swinSpelling, vitSpelling } from './transformers-spelling';
import type { VisionTransformer } from './vision-transformer';
import { timmViT } from './vision-transformer';
import { distilledViTs, plainViTs, vitFamily } from './vit-variants';

const LIBRARY = 'transformers';

/** `layer_norm_eps`; timm has 1e-6. */
const EPSILON = 1e-12;

const classifier = { root: 'classifier', path: 'classifier', layer: 'classifier' } as const;

/** Two heads, of which `DeiTForImageClassification` has the first alone. */
const twoClassifiers = {
  ...{ root: 'cls_classifier', path: 'cls_classifier', layer: 'cls_classifier' },
  second: 'distillation_classifier',
} as const;

export function vitOfTransformers(id: string, plan: VisionTransformer): Architecture {
  const root = plan.distilled === undefined ? 'vit' : 'deit';
  return spelled(timmViT(id, { epsilon: EPSILON, ...plan }), vitSpelling(root), {
    id,
    anchor: `${root}.embeddings.patch_embeddings.projection.weight`,
    head: plan.distilled === true ? twoClassifiers : classifier,
    config: {
      ...{ hidden_act: 'gelu', layer_norm_eps: EPSILON, qkv_bias: true },
      num_attention_heads: plan.heads,
    },
  });
}

export function swinOfTransformers(id: string, plan: Swin & { readonly size: number }): Architecture {
  const root = plan.version === 2 ? 'swinv2' : 'swin';
  return spelled(timmSwin(id, plan), swinSpelling(root), {
    id,
    anchor: `${root}.embeddings.patch_embeddings.projection.weight`,
    head: classifier,
    config: {
      ...{ hidden_act: 'gelu', layer_norm_eps: 1e-5, qkv_bias: true, use_absolute_embeddings: false },
      ...{ window_size: plan.window, num_heads: plan.heads, image_size: plan.size },
      ...(plan.version === 2 ? { pretrained_window_sizes: plan.trainedWith ?? [0, 0, 0, 0] } : {}),
    },
  });
}

export function convNeXtOfTransformers(id: string, variant: ConvNeXt): Architecture {
  const root = variant.v2 === true ? 'convnextv2' : 'convnext';
  const plan = { ...variant, convMlp: false, lastEpsilon: EPSILON };
  return spelled(convNeXtOfTimm(id, plan), convNeXtSpelling(root), {
    id,
    anchor: `${root}.embeddings.patch_embeddings.weight`,
    head: classifier,
    config: { hidden_act: 'gelu', layer_norm_eps: EPSILON },
  });
}

export const resNetOfTransformers = (id: string, variant: ResNetVariant): Architecture =>
  spelled(resNet(variant, id), resNetSpelling, {
    id,
    anchor: 'resnet.embedder.embedder.convolution.weight',
    head: { root: 'classifier.1', path: 'classifier.1', layer: 'classifier.1' },
    config: { hidden_act: 'relu', downsample_in_first_stage: false, downsample_in_bottleneck: false },
  });

const ofTransformers = (name: string, plan: VisionTransformer): Architecture =>
  vitOfTransformers(`${LIBRARY}/${name}`, plan);

const convNeXts = [
  ...['tiny', 'small', 'base', 'large', 'xlarge'].map((size) => `convnext_${size}`),
  ...['atto', 'femto', 'pico', 'nano', 'tiny', 'base', 'large', 'huge'].map((size) => `convnextv2_${size}`),
] as readonly (keyof typeof convNeXtVariants)[];

export const transformersNetworks: readonly Architecture[] = [
  ...vitFamily(ofTransformers, plainViTs, (plan, patch, size) => `vit_${plan}_patch${patch}_${size}`),
  ...vitFamily(ofTransformers, distilledViTs, (plan, patch, size) => `deit_${plan}_patch${patch}_${size}`, {
    distilled: 'without its head',
  }),
  ...vitFamily(
    ofTransformers,
    distilledViTs,
    (plan, patch, size) => `deit_${plan}_distilled_patch${patch}_${size}`,
    {
      distilled: true,
    },
  ),
  ...swinRows.map(({ name, window, size }) =>
    swinOfTransformers(`${LIBRARY}/swin_${name}_patch4_window${window}_${size}`, {
      ...{ ...swinSizes[name], window, size },
    }),
  ),
  ...swinV2Rows.map(([size, { name, ...row }]) =>
    swinOfTransformers(`${LIBRARY}/swinv2_${size}_patch4_${name}`, {
      ...{ ...swinSizes[size], ...row, version: 2 },
    }),
  ),
  ...convNeXts.map((name) => convNeXtOfTransformers(`${LIBRARY}/${name}`, convNeXtVariants[name])),
  ...Object.entries(plainResNets).map(([depth, variant]) =>
    resNetOfTransformers(`${LIBRARY}/resnet_${depth}`, variant),
  ),
];
