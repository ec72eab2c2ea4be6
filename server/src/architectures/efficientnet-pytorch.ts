/** EfficientNet B0 to B8 as `efficientnet_pytorch` 0.7 (lukemelas/EfficientNet-PyTorch) computes it. */
import type { Variant } from './efficientnet-scaling';
import { scaledBlocks, scaledChannels, scalings, variants } from './efficientnet-scaling';
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
  variant: Variant,
  { unpaddedStem, paddedFor }: EfficientNetPytorchHabits,
): Vector {
  let nominal = scalings[variant].size;
  const padded = (kernel: number, stride: number, { height, width }: Feature) =>
    paddedFor === 'image'
      ? samePadding(kernel, stride, height, width)
      : samePadding(kernel, stride, nominal, nominal);

  let x = net.conv(image, '_conv_stem', {
    channels: scaledChannels(32, variant),
    kernel: 3,
    stride: 2,
    padding: unpaddedStem ? noPadding : padded(3, 2, image),
    as: 'conv_stem',
  });
  net.report('conv_stem', x);
  x = net.report('bn0', net.batchNorm(x, '_bn0', epsilon, 'bn0'));
  x = net.silu(x);
  nominal = Math.ceil(nominal / 2);

  scaledBlocks(variant).forEach((block, index) => {
    const as = `block_${String(index).padStart(2, '0')}`;
    const padding = padded(block.kernel, block.stride, x);
    const paths = blockPaths(`_blocks.${index}`, block.expansion !== 1);
    x = net.report(as, mbconv(net, x, { block, paths, padding, epsilon, as }));
    nominal = Math.ceil(nominal / block.stride);
  });

  const channels = scaledChannels(1280, variant);
  x = net.report(
    'conv_head',
    net.conv(x, '_conv_head', { channels, kernel: 1, padding: noPadding, as: 'conv_head' }),
  );
  x = net.report('bn1', net.batchNorm(x, '_bn1', epsilon, 'bn1'));
  x = net.report('avg_pool', net.globalAveragePool(net.silu(x), 'avg_pool'));
  // Dropout is the identity in inference, so its output is the flattened pool.
  return net.report('dropout', net.flatten(x, 'dropout'));
}

function blockPaths(path: string, expands: boolean): MBConvPaths {
  return {
    expand: expands ? { conv: `${path}._expand_conv`, norm: `${path}._bn0` } : null,
    depthwise: { conv: `${path}._depthwise_conv`, norm: `${path}._bn1` },
    squeeze: { reduce: `${path}._se_reduce`, expand: `${path}._se_expand` },
    project: { conv: `${path}._project_conv`, norm: `${path}._bn2` },
  };
}

/** @param id such as `efficientnet_pytorch/b0`, or that of a twin */
export function efficientNet(
  variant: Variant,
  id: string,
  habits: Partial<EfficientNetPytorchHabits> = {},
): Architecture {
  return {
    id,
    anchor: '_conv_stem.weight',
    inputSize: scalings[variant].size,
    head: { root: '_fc', path: '_fc', layer: 'fc' },
    trunk: (net, image) => trunk(net, image, variant, { ...usual, ...habits }),
  };
}

export const efficientNetPytorch: readonly Architecture[] = variants.map((variant) =>
  efficientNet(variant, `efficientnet_pytorch/${variant}`),
);
