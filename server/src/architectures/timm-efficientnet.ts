/** EfficientNet B0 to B8 as `timm` computes it: `efficientnet_b*`, and `tf_efficientnet_b*` with TensorFlow's habits. */
import type { Activate } from './activations';
import { relu6 } from './activations';
import type { Antialias } from './antialias';
import { Strides } from './dilation';
import type { Block, EfficientNetPlan, Variant } from './efficientnet-scaling';
import { litePlans, scaledPlan, variants } from './efficientnet-scaling';
import type { Feature, GlobalPool, NetworkBuilder, Vector } from './layers';
import type { MBConvPaths } from './mbconv';
import { mbconv } from './mbconv';
import type { Architecture } from './network';
import type { Padding } from './padding';
import { noPadding, samePadding, symmetricPadding } from './padding';

/** What the two families differ in; their state dicts have the same names and shapes. */
interface Flavor {
  readonly prefix: string;
  readonly epsilon: number;
  padding(kernel: number, stride: number, x: Feature, dilation?: number): Padding;
}

/** What other networks with the same names and shapes do otherwise (`twins.ts`). */
export interface TimmEfficientNetHabits {
  readonly antialias: Antialias | null;
  /** Of the last stage: 32, or less where stages are dilated instead. */
  readonly outputStride: number;
  readonly pool: GlobalPool;
}

const usual: TimmEfficientNetHabits = { antialias: null, outputStride: 32, pool: 'avg' };

const plain: Flavor = {
  prefix: '',
  epsilon: 1e-5,
  padding: (kernel, _stride, _x, dilation) => symmetricPadding(kernel, dilation),
};

/** "Same" padding is computed for the image that arrives, not for a nominal size. */
const tensorflow: Flavor = {
  prefix: 'tf_',
  epsilon: 1e-3,
  padding: (kernel, stride, x, dilation) => samePadding(kernel, stride, x.height, x.width, dilation),
};

function trunk(
  net: NetworkBuilder,
  image: Feature,
  plan: EfficientNetPlan,
  flavor: Flavor,
  { antialias, outputStride, pool }: TimmEfficientNetHabits,
): Vector {
  const { epsilon } = flavor;
  const channels = plan.stem;
  const activate: Activate = plan.lite ? relu6 : (_net, y) => net.silu(y);
  const padding = flavor.padding(3, 2, image);
  let x = net.report('conv_stem', net.conv(image, 'conv_stem', { channels, kernel: 3, stride: 2, padding }));
  x = net.report('bn1', normAct(net, x, 'bn1', epsilon, plan));

  const strides = new Strides(outputStride, 2);
  for (const designed of plan.blocks) {
    const { stride, first: dilation } = strides.next(designed.stride);
    const block = { ...designed, stride };
    const as = `blocks.${block.stage}.${block.index}`;
    const pads = flavor.padding(block.kernel, stride, x, dilation);
    const paths = blockPaths(as, block, plan.lite);
    x = net.report(
      as,
      mbconv(net, x, { block, paths, padding: pads, epsilon, dilation, antialias, activate, as }),
    );
  }

  const wide = plan.last;
  x = net.report('conv_head', net.conv(x, 'conv_head', { channels: wide, kernel: 1, padding: noPadding }));
  x = net.report('bn2', normAct(net, x, 'bn2', epsilon, plan));
  return net.report('global_pool', net.flatten(net.globalPool(x, pool, 'global_pool/mean'), 'global_pool'));
}

/** timm's BatchNormAct2d: the module's output is after the activation. */
function normAct(
  net: NetworkBuilder,
  x: Feature,
  path: string,
  epsilon: number,
  { lite }: EfficientNetPlan,
): Feature {
  const normed = net.batchNorm(x, path, epsilon, `${path}/norm`);
  return lite ? relu6(net, normed, path) : net.silu(normed, path);
}

/** The block without expansion is another class, whose normalizations are numbered from the depthwise one. */
function blockPaths(path: string, block: Block, lite: boolean): MBConvPaths {
  const squeeze = lite ? null : { reduce: `${path}.se.conv_reduce`, expand: `${path}.se.conv_expand` };
  if (block.expansion === 1)
    return {
      expand: null,
      depthwise: { conv: `${path}.conv_dw`, norm: `${path}.bn1` },
      squeeze,
      project: { conv: `${path}.conv_pw`, norm: `${path}.bn2` },
    };
  return {
    expand: { conv: `${path}.conv_pw`, norm: `${path}.bn1` },
    depthwise: { conv: `${path}.conv_dw`, norm: `${path}.bn2` },
    squeeze,
    project: { conv: `${path}.conv_pwl`, norm: `${path}.bn3` },
  };
}

/** @param id such as `timm/tf_efficientnet_b0`, or that of a twin */
export function timmNetwork(
  variant: Variant,
  tensorflowHabits: boolean,
  id: string,
  habits: Partial<TimmEfficientNetHabits> = {},
): Architecture {
  return ofPlan(scaledPlan(variant), tensorflowHabits ? tensorflow : plain, id, habits);
}

function ofPlan(
  plan: EfficientNetPlan,
  flavor: Flavor,
  id: string,
  habits: Partial<TimmEfficientNetHabits> = {},
): Architecture {
  return {
    id,
    anchor: 'conv_stem.weight',
    inputSize: plan.size,
    head: { root: 'classifier', path: 'classifier', layer: 'classifier' },
    trunk: (net, image) => trunk(net, image, plan, flavor, { ...usual, ...habits }),
  };
}

const family = (flavor: Flavor): readonly Architecture[] =>
  variants.map((variant) =>
    timmNetwork(variant, flavor === tensorflow, `timm/${flavor.prefix}efficientnet_${variant}`),
  );

/** timm publishes plain weights for B0 to B5 only, so for B6 to B8 the TensorFlow ones are the likelier: they go first. */
const plainNetworks = family(plain);
export const timmEfficientNet: readonly Architecture[] = [
  ...plainNetworks.slice(0, 6),
  ...family(tensorflow),
  ...plainNetworks.slice(6),
];

/** timm publishes plain weights only for Lite0. */
export const timmEfficientNetLite: readonly Architecture[] = litePlans.flatMap((plan, index) => {
  const of = (flavor: Flavor): Architecture =>
    ofPlan(plan, flavor, `timm/${flavor.prefix}efficientnet_lite${index}`);
  return index === 0 ? [of(plain), of(tensorflow)] : [of(tensorflow), of(plain)];
});
