/**
 * Networks that have the names and shapes of a known one and compute something else: one row each. A state
 * dict cannot tell them apart, so a report says which one it was read as and which others it could be, and
 * `--architecture` chooses.
 *
 * The rows with names of their own are all that timm 1.0.22 registers with the state dict of a known network
 * (of its 1,279 models); the others are what timm's and torchvision's own arguments (`output_stride`,
 * `replace_stride_with_dilation`, `global_pool`) make of those, and the habits of two well-known code bases
 * (Caffe's ResNets, DeepfakeBench's EfficientNets).
 */
import type { Variant } from './efficientnet-scaling';
import { scalings, variants } from './efficientnet-scaling';
import { efficientNet } from './efficientnet-pytorch';
import { commonResNets } from './resnet-variants';
import { timmNetwork } from './timm-efficientnet';
import type { Twin } from './twin';
import { AVGMAX_POOLED, BLURRED, DILATED, MAX_POOLED, notBuilt } from './twin';
import { denseNets } from './torchvision-densenet';
import { mobileNetV3, mobileNetV3s } from './torchvision-mobilenet-v3';
import { resNetTwins } from './twins-resnet';
import { resNetV2Twins } from './twins-resnet-v2';
import { visionTransformers } from './vit-variants';

export type { Twin };

/** Of stages 3 and 4, or 2 to 4. */
const STRIDES = [16, 8] as const;

function timmTwins(variant: Variant): readonly Twin[] {
  return [false, true].flatMap((tensorflow) => {
    const name = `${tensorflow ? 'tf_' : ''}efficientnet_${variant}`;
    const of = `timm/${name}`;
    const row = (
      id: string,
      differs: string,
      habits: Parameters<typeof timmNetwork>[3],
      names: Partial<Twin>,
    ): Twin => ({
      named: null,
      hint: null,
      ...names,
      id,
      of,
      differs,
      architecture: timmNetwork(variant, tensorflow, id, habits),
    });
    const blurred = `efficientnet_blur_${variant}`;
    return [
      ...(tensorflow
        ? []
        : [
            row(
              `timm/${blurred}`,
              'blurs before it halves',
              { antialias: 'blur-zero' },
              {
                named: blurred,
                hint: BLURRED,
              },
            ),
          ]),
      ...STRIDES.map((outputStride) =>
        row(
          `${of}+output_stride=${outputStride}`,
          'dilates its last stages instead of striding',
          { outputStride },
          { hint: DILATED },
        ),
      ),
      row(`${of}+global_pool=max`, 'takes the maximum at the end', { pool: 'max' }, { hint: MAX_POOLED }),
      row(
        `${of}+global_pool=avgmax`,
        'takes mean and maximum at the end',
        { pool: 'avgmax' },
        { hint: AVGMAX_POOLED },
      ),
      notBuilt(`${of}+act_layer`, of, 'has an activation other than SiLU'),
    ];
  });
}

function mobileNetV3Twins(): readonly Twin[] {
  return (['large', 'small'] as const).map((size) => {
    const of = `torchvision/mobilenet_v3_${size}`;
    const id = `${of}+dilated`;
    const differs = 'dilates its last blocks instead of striding';
    const architecture = mobileNetV3(mobileNetV3s[size], id, true);
    return { id, of, differs, named: null, hint: DILATED, architecture };
  });
}

/** OpenAI's own CLIP. The file's name decides, and then the network is refused. */
function quickGeluTwins(): readonly Twin[] {
  const clips = visionTransformers.map(({ id }) => id).filter((id) => id.includes('_clip_'));
  return clips.map((of) => {
    const id = of.replace('_clip_', '_clip_quickgelu_');
    return {
      ...notBuilt(id, of, 'has QuickGELU for GELU'),
      named: id.slice('timm/'.length),
      hint: /quick_?gelu/,
    };
  });
}

function pytorchTwins(variant: Variant): readonly Twin[] {
  const of = `efficientnet_pytorch/${variant}`;
  const { size } = scalings[variant];
  return [
    {
      id: unpaddedStem(of),
      of,
      differs: 'does not pad its first convolution, as DeepfakeBench replaces it',
      named: null,
      hint: /deepfake_?bench|effnb4/,
      architecture: efficientNet(variant, unpaddedStem(of), { unpaddedStem: true }),
    },
    {
      id: `${of}+image_size=none`,
      of,
      differs: `pads for the image that arrives, not for ${size} pixels`,
      named: null,
      hint: /dynamic_?pad/,
      architecture: efficientNet(variant, `${of}+image_size=none`, { paddedFor: 'image' }),
    },
    notBuilt(`${of}+image_size`, of, `pads for images of a size other than ${size} pixels`),
  ];
}

/** The id of an `efficientnet_pytorch` network with DeepfakeBench's first convolution. */
export function unpaddedStem(of: string): string {
  return `${of}+unpadded_stem`;
}

export const twins: readonly Twin[] = Object.freeze([
  ...variants.flatMap(pytorchTwins),
  ...variants.flatMap(timmTwins),
  ...resNetTwins,
  ...resNetV2Twins,
  ...mobileNetV3Twins(),
  ...quickGeluTwins(),
]);

/** Names by which timm knows networks that compute what a known one does. */
const sameNetwork: ReadonlyMap<string, string> = new Map([
  ...[...Object.keys(commonResNets), ...Object.keys(denseNets)].map(
    (name) => [`timm/${name}`, `torchvision/${name}`] as const,
  ),
  ['timm/ecaresnext50t_32x4d', 'timm/ecaresnext26t_32x4d'],
  ...['tiny_patch16_224', 'small_patch16_224', 'base_patch16_224', 'base_patch16_384'].map(
    (name) => [`timm/deit_${name}`, `timm/vit_${name}`] as const,
  ),
]);

/** The known id of a network that goes by two. */
export const canonical = (id: string): string => sameNetwork.get(id) ?? id;

export const findTwin = (id: string): Twin | undefined => twins.find((twin) => twin.id === id);
