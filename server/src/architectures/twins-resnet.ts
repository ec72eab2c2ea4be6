/** Networks with the names and shapes of a ResNet, ResNeXt or Wide ResNet: rows of `twins.ts`. */
import { commonResNets, timmResNets } from './resnet-variants';
import type { ResNetHabits, ResNetVariant } from './torchvision-resnet';
import { resNet } from './torchvision-resnet';
import type { Twin } from './twin';
import { AVGMAX_POOLED, BLURRED, DILATED, MAX_POOLED, notBuilt } from './twin';

const CAFFE = /caffe|msra|stride_in_1x1/;
const AVERAGED = /resne[tx]t?_?aa|anti_?alias/;

/** Of stages 3 and 4, or 2 to 4. */
const STRIDES = [16, 8] as const;

function twinsOf(library: string, name: string, variant: ResNetVariant): readonly Twin[] {
  const of = `${library}/${name}`;
  const row = (
    id: string,
    differs: string,
    habits: Partial<ResNetHabits>,
    hint: RegExp,
    named: string | null = null,
  ): Twin => ({ id, of, differs, named, hint, architecture: resNet(variant, id, habits) });
  return [
    ...antialiased(name).map(([own, differs, antialias, hint]) =>
      row(`timm/${own}`, differs, { antialias }, hint, own),
    ),
    ...STRIDES.map((outputStride) => {
      const id = `${of}+output_stride=${outputStride}`;
      const differs = 'dilates its last stages instead of striding';
      // timm pads the shortcut's mean as TensorFlow does where it no longer strides.
      return variant.averageDown === true
        ? { ...notBuilt(id, of, differs), hint: DILATED }
        : row(id, differs, { outputStride }, DILATED);
    }),
    row(`${of}+global_pool=max`, 'takes the maximum at the end', { pool: 'max' }, MAX_POOLED),
    row(`${of}+global_pool=avgmax`, 'takes mean and maximum at the end', { pool: 'avgmax' }, AVGMAX_POOLED),
    ...(variant.bottleneck && variant.antialias === undefined
      ? [
          row(
            `${of}+stride_in_1x1`,
            'strides in the first convolution of a block, as Caffe does',
            { strideInFirst: true },
            CAFFE,
          ),
        ]
      : []),
    notBuilt(`${of}+act_layer`, of, 'has an activation other than ReLU'),
  ];
}

/** timm's names for the same network with its `aa_layer`; it has them only for ResNets. */
function antialiased(name: string): readonly (readonly [string, string, 'blur' | 'average', RegExp])[] {
  const [, kind, depth] = /^((?:se)?resnet(?=\d+[a-z]?$)|seresnext(?=101d_))(\d.*)$/.exec(name) ?? [];
  if (kind === undefined || depth === undefined) return [];
  return [
    [`${kind}blur${depth}`, 'blurs before it halves', 'blur', BLURRED],
    [`${kind}aa${depth}`, 'averages instead of striding', 'average', AVERAGED],
  ];
}

export const resNetTwins: readonly Twin[] = [
  ...Object.entries(commonResNets).flatMap(([name, variant]) => twinsOf('torchvision', name, variant)),
  ...Object.entries(timmResNets).flatMap(([name, variant]) => twinsOf('timm', name, variant)),
];
