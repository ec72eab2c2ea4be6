/** MobileNet V3 as `timm` computes it: `mobilenetv3_*`, and `tf_mobilenetv3_*` with TensorFlow's padding; arXiv 1905.02244. */
import { roundHalfEven } from '../round';
import type { Activate } from './activations';
import { hardSigmoid, hardSwish } from './activations';
import { divisible } from './divisible';
import type { Feature, NetworkBuilder, Vector } from './layers';
import type { Architecture } from './network';
import type { Padding } from './padding';
import { noPadding, samePadding, symmetricPadding } from './padding';

/** timm's notation for the blocks of a stage: kind, repeats, kernel, stride, expansion, channels, squeeze and excitation, `nre` for ReLU. */
type Stage = readonly string[];

const large: readonly Stage[] = [
  ['ds_r1_k3_s1_e1_c16_nre'],
  ['ir_r1_k3_s2_e4_c24_nre', 'ir_r1_k3_s1_e3_c24_nre'],
  ['ir_r3_k5_s2_e3_c40_se0.25_nre'],
  ['ir_r1_k3_s2_e6_c80', 'ir_r1_k3_s1_e2.5_c80', 'ir_r2_k3_s1_e2.3_c80'],
  ['ir_r2_k3_s1_e6_c112_se0.25'],
  ['ir_r3_k5_s2_e6_c160_se0.25'],
  ['cn_r1_k1_s1_c960'],
];

const small: readonly Stage[] = [
  ['ds_r1_k3_s2_e1_c16_se0.25_nre'],
  ['ir_r1_k3_s2_e4.5_c24_nre', 'ir_r1_k3_s1_e3.67_c24_nre'],
  ['ir_r1_k5_s2_e4_c40_se0.25', 'ir_r2_k5_s1_e6_c40_se0.25'],
  ['ir_r2_k5_s1_e3_c48_se0.25'],
  ['ir_r3_k5_s2_e6_c96_se0.25'],
  ['cn_r1_k1_s1_c576'],
];

/** `minimal`: kernels of 3, ReLU, and no squeeze and excitation. */
const minimal = (stages: readonly Stage[]): readonly Stage[] =>
  stages.map((stage) =>
    stage.map((block) =>
      block
        .replace('k5', 'k3')
        .replace(/_se[\d.]+/, '')
        .replace(/(_nre)?$/, '_nre'),
    ),
  );

interface Plan {
  readonly stages: readonly Stage[];
  readonly hidden: number;
  readonly width?: number;
  readonly depth?: number;
  readonly minimal?: boolean;
  readonly tensorflow?: boolean;
  /** `mobilenetv3_rw`: no residual in the first block, gates of unrounded width, and no bias in the hidden layer. */
  readonly rw?: boolean;
}

interface Block {
  readonly path: string;
  readonly kind: 'ds' | 'ir' | 'cn';
  readonly kernel: number;
  readonly stride: number;
  readonly expansion: number;
  readonly channels: number;
  /** Of the expanded channels; 0 for none. */
  readonly squeeze: number;
  readonly relu: boolean;
}

function blocksOf({ stages, width = 1, depth = 1 }: Plan): readonly Block[] {
  return stages.flatMap((stage, index) => {
    const repeats = scaled(
      stage.map((text) => valueOf(text, 'r', 1)),
      depth,
    );
    const blocks = stage.flatMap((text, i) =>
      Array.from({ length: repeats[i] ?? 1 }, (_, repeat) => ({
        kind: text.slice(0, 2) as Block['kind'],
        kernel: valueOf(text, 'k', 3),
        stride: repeat === 0 ? valueOf(text, 's', 1) : 1,
        expansion: valueOf(text, 'e', 1),
        channels: divisible(valueOf(text, 'c', 0) * width),
        squeeze: valueOf(text, 'se', 0),
        relu: text.endsWith('_nre'),
      })),
    );
    return blocks.map((block, i) => ({ ...block, path: `blocks.${index}.${i}` }));
  });
}

const valueOf = (text: string, key: string, otherwise: number): number =>
  Number(new RegExp(`_${key}([\\d.]+)`).exec(text)?.[1] ?? otherwise);

/** timm's `_scale_stage_depth`: the sum is scaled and rounded up, and distributed from the last stage. */
function scaled(repeats: readonly number[], depth: number): readonly number[] {
  let rest = repeats.reduce((sum, count) => sum + count, 0);
  let left = Math.max(1, Math.ceil(rest * depth));
  const found: number[] = [];
  for (const count of [...repeats].reverse()) {
    const own = Math.max(1, roundHalfEven((count / rest) * left));
    found.unshift(own);
    rest -= count;
    left -= own;
  }
  return found;
}

const hardSwished: Activate = (net, x) => hardSwish(net, x);
const rectified: Activate = (net, x) => net.relu(x);

/** What all blocks of a network share. */
interface Manner {
  readonly epsilon: number;
  readonly rw: boolean;
  padding(kernel: number, stride: number, x: Feature): Padding;
}

function trunk(net: NetworkBuilder, image: Feature, plan: Plan): Vector {
  const { width = 1, tensorflow = false, rw = false } = plan;
  const manner: Manner = {
    epsilon: tensorflow || rw ? 1e-3 : 1e-5,
    rw,
    padding: (kernel, stride, x) =>
      tensorflow ? samePadding(kernel, stride, x.height, x.width) : symmetricPadding(kernel),
  };
  const activate = plan.minimal === true ? rectified : hardSwished;
  const channels = width < 0.75 ? 16 : divisible(16 * width);
  const padding = manner.padding(3, 2, image);
  let x = net.report('conv_stem', net.conv(image, 'conv_stem', { channels, kernel: 3, stride: 2, padding }));
  x = net.report('bn1', activate(net, net.batchNorm(x, 'bn1', manner.epsilon)));
  for (const block of blocksOf(plan)) x = net.report(block.path, inverted(net, x, block, manner));
  x = net.report('global_pool', net.globalAveragePool(x, 'global_pool'));
  const wide = { channels: plan.hidden, kernel: 1, bias: !rw, padding: noPadding };
  x = net.report('act2', activate(net, net.conv(x, 'conv_head', wide)));
  return net.flatten(x, 'flatten');
}

function inverted(net: NetworkBuilder, input: Feature, block: Block, manner: Manner): Feature {
  const { path, kind, kernel, stride, channels } = block;
  const { epsilon } = manner;
  const activate = block.relu ? rectified : hardSwished;
  if (kind === 'cn') {
    const conv = net.conv(input, `${path}.conv`, { channels, kernel, padding: noPadding });
    return activate(net, net.batchNorm(conv, `${path}.bn1`, epsilon));
  }
  const expands = kind === 'ir';
  let [x, norm] = [input, 1];
  const normed = (y: Feature): Feature => net.batchNorm(y, `${path}.bn${norm++}`, epsilon);
  const wide = expands ? divisible(input.channels * block.expansion) : input.channels;
  if (expands)
    x = activate(
      net,
      normed(net.conv(x, `${path}.conv_pw`, { channels: wide, kernel: 1, padding: noPadding })),
    );
  const padding = manner.padding(kernel, stride, x);
  const depthwise = { channels: wide, groups: wide, kernel, stride, padding };
  x = activate(net, normed(net.conv(x, `${path}.conv_dw`, depthwise)));
  if (block.squeeze > 0) x = squeezed(net, x, block, manner);
  const project = `${path}.${expands ? 'conv_pwl' : 'conv_pw'}`;
  x = normed(net.conv(x, project, { channels, kernel: 1, padding: noPadding }));
  const residual = stride === 1 && input.channels === channels && !(manner.rw && !expands);
  return residual ? net.add(x, input, path) : x;
}

function squeezed(net: NetworkBuilder, x: Feature, { path, squeeze, relu }: Block, { rw }: Manner): Feature {
  const paths = { reduce: `${path}.se.conv_reduce`, expand: `${path}.se.conv_expand` };
  const width = rw ? Math.round(x.channels * squeeze) : divisible(x.channels * squeeze);
  const activate = rw && !relu ? hardSwished : rectified;
  return net.squeezeExcite(x, paths, width, {
    activate: (few) => activate(net, few),
    gate: (many) => hardSigmoid(net, many),
  });
}

/** Those that timm 1.0.22 registers; where names and shapes are the same, the likelier first. */
const plans: Readonly<Record<string, Plan>> = {
  mobilenetv3_large_100: { stages: large, hidden: 1280 },
  tf_mobilenetv3_large_100: { stages: large, hidden: 1280, tensorflow: true },
  tf_mobilenetv3_large_075: { stages: large, hidden: 1280, width: 0.75, tensorflow: true },
  mobilenetv3_large_075: { stages: large, hidden: 1280, width: 0.75 },
  mobilenetv3_large_150d: { stages: large, hidden: 1280, width: 1.5, depth: 1.2 },
  tf_mobilenetv3_large_minimal_100: { stages: minimal(large), hidden: 1280, minimal: true, tensorflow: true },
  mobilenetv3_small_100: { stages: small, hidden: 1024 },
  tf_mobilenetv3_small_100: { stages: small, hidden: 1024, tensorflow: true },
  mobilenetv3_small_075: { stages: small, hidden: 1024, width: 0.75 },
  tf_mobilenetv3_small_075: { stages: small, hidden: 1024, width: 0.75, tensorflow: true },
  mobilenetv3_small_050: { stages: small, hidden: 1024, width: 0.5 },
  tf_mobilenetv3_small_minimal_100: { stages: minimal(small), hidden: 1024, minimal: true, tensorflow: true },
  mobilenetv3_rw: { stages: large, hidden: 1280, rw: true },
};

const named = (name: string, plan: Plan): Architecture => ({
  id: `timm/${name}`,
  anchor: 'conv_stem.weight',
  inputSize: name.endsWith('150d') ? 256 : 224,
  head: { root: 'classifier', path: 'classifier', layer: 'classifier' },
  trunk: (net, image) => trunk(net, image, plan),
});

export const timmMobileNetV3: readonly Architecture[] = Object.entries(plans).map(([name, plan]) =>
  named(name, plan),
);
