/** The inverted residual block with squeeze and excitation (MBConv) that every EfficientNet is made of. */
import type { Activate } from './activations';
import type { Antialias } from './antialias';
import { antialiased } from './antialias';
import type { Block } from './efficientnet-scaling';
import type { Feature, NetworkBuilder } from './layers';
import type { Padding } from './padding';
import { noPadding } from './padding';

/** Module paths of a convolution and the normalization after it. */
export interface ConvNorm {
  readonly conv: string;
  readonly norm: string;
}

/** Where a library keeps the block's parameters. `expand` is null where the block does not widen its input. */
export interface MBConvPaths {
  readonly expand: ConvNorm | null;
  readonly depthwise: ConvNorm;
  /** Null where the block does not squeeze: EfficientNet-Lite. */
  readonly squeeze: { readonly reduce: string; readonly expand: string } | null;
  readonly project: ConvNorm;
}

export interface MBConvOptions {
  readonly block: Block;
  readonly paths: MBConvPaths;
  /** Of the depthwise convolution; all others are 1x1. */
  readonly padding: Padding;
  readonly epsilon: number;
  /** Of the depthwise convolution, 1 by default. */
  readonly dilation?: number;
  /** Replaces the depthwise convolution's stride of 2; null by default. */
  readonly antialias?: Antialias | null;
  /** SiLU by default. */
  readonly activate?: Activate;
  /** Name of the block's output tensor. */
  readonly as: string;
}

/**
 * expand 1x1 -> depthwise -> squeeze and excite -> project 1x1, plus the input where shape allows. The gate has a
 * quarter of the block's input channels; dropping whole paths (stochastic depth) is training only.
 */
export function mbconv(net: NetworkBuilder, input: Feature, options: MBConvOptions): Feature {
  const { block, paths, padding, epsilon, as, dilation = 1, antialias = null } = options;
  const { activate = (_net: NetworkBuilder, y: Feature) => net.silu(y) } = options;
  const pools = antialias !== null && block.stride === 2;
  const residual = block.stride === 1 && block.inputs === block.outputs;
  const wide = block.inputs * block.expansion;

  let x = input;
  if (paths.expand !== null) {
    x = net.conv(x, paths.expand.conv, { channels: wide, kernel: 1, padding: noPadding });
    x = activate(net, net.batchNorm(x, paths.expand.norm, epsilon));
  }
  x = net.conv(x, paths.depthwise.conv, {
    channels: wide,
    groups: wide,
    kernel: block.kernel,
    stride: pools ? 1 : block.stride,
    dilation,
    padding,
  });
  x = activate(net, net.batchNorm(x, paths.depthwise.norm, epsilon));
  if (pools) x = antialiased(net, x, antialias, `${as}/aa`);
  if (paths.squeeze !== null)
    x = net.squeezeExcite(x, paths.squeeze, Math.max(1, Math.floor(block.inputs / 4)));
  x = net.conv(x, paths.project.conv, { channels: block.outputs, kernel: 1, padding: noPadding });
  x = net.batchNorm(x, paths.project.norm, epsilon, residual ? paths.project.norm : as);
  return residual ? net.add(x, input, as) : x;
}
