/** EfficientNet B0 to B8 as `efficientnet_pytorch` 0.7 (lukemelas/EfficientNet-PyTorch) computes it. */
import type { Activate } from './activations';
import { relu6 } from './activations';
import type { EfficientNetPlan, Variant } from './efficientnet-scaling';
import { litePlans, scaledPlan, variants } from './efficientnet-scaling';
import type { Feature, NetworkBuilder, Vector } from './layers';
import type { MBConvPaths } from './mbconv';
import { mbconv } from './mbconv';
import type { Architecture } from './network';
import { noPadding, samePadding } from './padding';

const epsilon = 1e-3;

/** What other networks with the same names and shapes do otherwise (`twins.ts`). */
export interface EfficientNetPytorchHabits {
  /** The stem replaced by `nn.Conv2d(3, channels, kernel_size=3, stride=2, bias=False)`, as DeepfakeBench does. */
  readonly unpaddedStem: boolean;
  /** `image` for `image_size=None`: the padding is computed for the image that arrives. */
  readonly paddedFor: 'nominal size' | 'image';
}

const usual: EfficientNetPytorchHabits = { unpaddedStem: false, paddedFor: 'nominal size' };

/**
 * The library computes TensorFlow's "same" padding once, for the variant's nominal size, and keeps it for images of
 * any size. That decides the shapes: B5 (nominal 456) makes 47x47, not 48x48, of a 380x380 image in its third stage.
 */
function trunk(
  net: NetworkBuilder,
  image: Feature,
  plan: EfficientNetPlan,
  { unpaddedStem, paddedFor }: EfficientNetPytorchHabits,
): Vector {
  let nominal = plan.size;
  const activate: Activate = plan.lite ? relu6 : (_net, y) => net.silu(y);
  const padded = (kernel: number, stride: number, { height, width }: Feature) =>
    paddedFor === 'image'
      ? samePadding(kernel, stride, height, width)
      : samePadding(kernel, stride, nominal, nominal);

  let x = net.conv(image, '_conv_stem', {
    channels: plan.stem,
    kernel: 3,
    stride: 2,
    padding: unpaddedStem ? noPadding : padded(3, 2, image),
    as: 'conv_stem',
  });
  net.report('conv_stem', x);
  x = net.report('bn0', net.batchNorm(x, '_bn0', epsilon, 'bn0'));
  x = activate(net, x);
  nominal = Math.ceil(nominal / 2);

  plan.blocks.forEach((block, index) => {
    const as = `block_${String(index).padStart(2, '0')}`;
    const padding = padded(block.kernel, block.stride, x);
    const paths = blockPaths(`_blocks.${index}`, block.expansion !== 1, !plan.lite);
    x = net.report(as, mbconv(net, x, { block, paths, padding, epsilon, activate, as }));
    nominal = Math.ceil(nominal / block.stride);
  });

  const channels = plan.last;
  x = net.report(
    'conv_head',
    net.conv(x, '_conv_head', { channels, kernel: 1, padding: noPadding, as: 'conv_head' }),
  );
  x = net.report('bn1', net.batchNorm(x, '_bn1', epsilon, 'bn1'));
  x = net.report('avg_pool', net.globalAveragePool(activate(net, x), 'avg_pool'));
  // Dropout is the identity in inference, so its output is the flattened pool.
  return net.report('dropout', net.flatten(x, 'dropout'));
}

function blockPaths(path: string, expands: boolean, squeezes: boolean): MBConvPaths {
  return {
    expand: expands ? { conv: `${path}._expand_conv`, norm: `${path}._bn0` } : null,
    depthwise: { conv: `${path}._depthwise_conv`, norm: `${path}._bn1` },
    squeeze: squeezes ? { reduce: `${path}._se_reduce`, expand: `${path}._se_expand` } : null,
    project: { conv: `${path}._project_conv`, norm: `${path}._bn2` },
  };
}

function ofPlan(
  plan: EfficientNetPlan,
  id: string,
  habits: Partial<EfficientNetPytorchHabits> = {},
): Architecture {
  return {
    id,
    anchor: '_conv_stem.weight',
    inputSize: plan.size,
    head: { root: '_fc', path: '_fc', layer: 'fc' },
    trunk: (net, image) => trunk(net, image, plan, { ...usual, ...habits }),
  };
}

/** @param id such as `efficientnet_pytorch/b0`, or that of a twin */
export const efficientNet = (
  variant: Variant,
  id: string,
  habits: Partial<EfficientNetPytorchHabits> = {},
): Architecture => ofPlan(scaledPlan(variant), id, habits);

export const efficientNetPytorch: readonly Architecture[] = variants.map((variant) =>
  efficientNet(variant, `efficientnet_pytorch/${variant}`),
);

/** Lite0 to Lite4 as `efficientnet_lite_pytorch` 0.1 has them. */
export const efficientNetLitePytorch: readonly Architecture[] = litePlans.map((plan, index) =>
  ofPlan(plan, `efficientnet_lite_pytorch/lite${index}`),
);
