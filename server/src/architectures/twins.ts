/**
 * Networks that have the names and shapes of a known one and compute something else: one row each. A state dict cannot tell them apart,
 * so a report says as which one it was read and which others it could be, and `--architecture` chooses.
 *
 * The rows with names of their own are all that timm 1.0.22 registers with the state dict of a known network (of its 1,279 models); the others are
 * what timm's and torchvision's own arguments (`output_stride`, `replace_stride_with_dilation`, `global_pool`) make of those, and the
 * habits of two well-known code bases (Caffe's ResNets, DeepfakeBench's EfficientNets).
 */
import type { Variant } from './efficientnet-scaling';
import { scalings, variants } from './efficientnet-scaling';
import { efficientNet } from './efficientnet-pytorch';
import type { Architecture } from './network';
import { timmNetwork } from './timm-efficientnet';
import { hasBottlenecks, resNet, resNetDepths } from './torchvision-resnet';

export interface Twin {
  /** What `--architecture` takes. */
  readonly id: string;
  /** The known network with the same names and shapes. */
  readonly of: string;
  /** What it does otherwise, to follow its id. */
  readonly differs: string;
  /** In a file's name it decides; null where the network has no name of its own. */
  readonly named: string | null;
  /** In a file's name it speaks for this one, but also for others: a warning. */
  readonly hint: RegExp | null;
  /** Null where it is not built here. */
  readonly architecture: Architecture | null;
}

const DILATED = /dilat|output_?stride|_os_?(8|16)(?![0-9a-z])/;
const MAX_POOLED = /global_?max|max_?pool|_gmp(?![a-z])/;
const AVGMAX_POOLED = /avg_?max/;
const CAFFE = /caffe|msra|stride_in_1x1/;
const BLURRED = /(resnet|efficientnet)_?blur|blur_?pool|anti_?alias/;
const AVERAGED = /resnet_?aa|anti_?alias/;

/** Of stages 3 and 4, or 2 to 4. */
const STRIDES = [16, 8] as const;

function resNetTwins(name: string): readonly Twin[] {
  const of = `torchvision/${name}`;
  const depth = name.slice('resnet'.length);
  const row = (
    id: string,
    differs: string,
    habits: Parameters<typeof resNet>[2],
    spoken: Partial<Twin>,
  ): Twin => ({
    named: null,
    hint: null,
    ...spoken,
    id,
    of,
    differs,
    architecture: resNet(name, id, habits),
  });
  return [
    row(
      `timm/resnetblur${depth}`,
      'blurs before it halves',
      { antialias: 'blur' },
      {
        named: `resnetblur${depth}`,
        hint: BLURRED,
      },
    ),
    row(
      `timm/resnetaa${depth}`,
      'averages instead of striding',
      { antialias: 'average' },
      {
        named: `resnetaa${depth}`,
        hint: AVERAGED,
      },
    ),
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
    ...(hasBottlenecks(name)
      ? [
          row(
            `${of}+stride_in_1x1`,
            'strides in the first convolution of a block, as Caffe does',
            { strideInFirst: true },
            { hint: CAFFE },
          ),
        ]
      : []),
    notBuilt(`${of}+act_layer`, of, 'has another activation than ReLU'),
  ];
}

function timmTwins(variant: Variant): readonly Twin[] {
  return [false, true].flatMap((tensorflow) => {
    const name = `${tensorflow ? 'tf_' : ''}efficientnet_${variant}`;
    const of = `timm/${name}`;
    const row = (
      id: string,
      differs: string,
      habits: Parameters<typeof timmNetwork>[3],
      spoken: Partial<Twin>,
    ): Twin => ({
      named: null,
      hint: null,
      ...spoken,
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
      notBuilt(`${of}+act_layer`, of, 'has another activation than SiLU'),
    ];
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
    notBuilt(`${of}+image_size`, of, `pads for images of another size than ${size} pixels`),
  ];
}

function notBuilt(id: string, of: string, differs: string): Twin {
  return { id, of, differs, named: null, hint: null, architecture: null };
}

/** The id of an `efficientnet_pytorch` network with DeepfakeBench's first convolution. */
export function unpaddedStem(of: string): string {
  return `${of}+unpadded_stem`;
}

export const twins: readonly Twin[] = Object.freeze([
  ...variants.flatMap(pytorchTwins),
  ...variants.flatMap(timmTwins),
  ...resNetDepths.flatMap(resNetTwins),
]);

/** Names by which timm knows networks that compute what a known one does. */
const sameNetwork: ReadonlyMap<string, string> = new Map(
  resNetDepths.map((name) => [`timm/${name}`, `torchvision/${name}`] as const),
);

/** The known id of a network that goes by two. */
export const canonical = (id: string): string => sameNetwork.get(id) ?? id;

export const findTwin = (id: string): Twin | undefined => twins.find((twin) => twin.id === id);
