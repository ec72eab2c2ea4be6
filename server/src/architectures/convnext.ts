/** ConvNeXt as `torchvision` and `timm` compute it, and timm's ConvNeXt V2. */
import { float32Tensor } from '../onnx/builder';
import { gelu, layerNorm, linear, reshape, transpose } from './channels-last';
import { divisible } from './divisible';
import type { Feature, GlobalPool, NetworkBuilder, Vector } from './layers';
import type { Architecture } from './network';
import { noPadding, symmetricPadding } from './padding';

/** arXiv 2201.03545, section 3; V2: arXiv 2301.00808. */
export interface ConvNeXt {
  readonly depths: readonly number[];
  readonly widths: readonly number[];
  /** timm keeps the linear layers of its small ones as 1x1 convolutions. */
  readonly convMlp?: boolean;
  /** Channels of the first of two convolutions in place of the 4x4 one; timm's names end in `_ols`. */
  readonly overlap?: (width: number) => number;
  /** V2: global response normalization, and no layer scale. */
  readonly v2?: boolean;
  readonly epsilon?: number;
  /** Of the last normalization, where it has another. */
  readonly lastEpsilon?: number;
  /** Normalizes before it pools; timm's names end in `_hnf`. */
  readonly normFirst?: boolean;
  /** Pooling of the last planes; the mean by default. */
  readonly pool?: GlobalPool;
}

/** Where a library keeps the parameters of a block, and of what comes between stages. */
interface Names {
  readonly stem: { readonly conv: string; readonly norm: string };
  /** Before stage 1, 2 and 3. */
  downsample(stage: number): { readonly norm: string; readonly conv: string; readonly as: string };
  block(
    stage: number,
    index: number,
  ): {
    readonly path: string;
    readonly depthwise: string;
    readonly norm: string;
    readonly expand: string;
    readonly project: string;
    readonly scale: string;
  };
  /** Of the layer scale. */
  scaleShape(width: number): readonly number[];
  readonly lastNorm: string;
}

const torchvision: Names = {
  stem: { conv: 'features.0.0', norm: 'features.0.1' },
  downsample: (stage) => {
    const as = `features.${2 * stage}`;
    return { norm: `${as}.0`, conv: `${as}.1`, as };
  },
  block: (stage, index) => {
    const path = `features.${2 * stage + 1}.${index}`;
    const part = (number: number): string => `${path}.block.${number}`;
    const scale = `${path}.layer_scale`;
    return { path, depthwise: part(0), norm: part(2), expand: part(3), project: part(5), scale };
  },
  scaleShape: (width) => [width, 1, 1],
  lastNorm: 'classifier.0',
};

const timm: Names = {
  stem: { conv: 'stem.0', norm: 'stem.1' },
  downsample: (stage) => {
    const as = `stages.${stage}.downsample`;
    return { norm: `${as}.0`, conv: `${as}.1`, as };
  },
  block: (stage, index) => {
    const path = `stages.${stage}.blocks.${index}`;
    const [expand, project] = [`${path}.mlp.fc1`, `${path}.mlp.fc2`];
    return {
      path,
      depthwise: `${path}.conv_dw`,
      norm: `${path}.norm`,
      expand,
      project,
      scale: `${path}.gamma`,
    };
  },
  scaleShape: (width) => [width],
  lastNorm: 'head.norm',
};

function trunk(net: NetworkBuilder, image: Feature, variant: ConvNeXt, names: Names): Vector {
  const { epsilon = 1e-6, lastEpsilon = epsilon, normFirst = false, pool = 'avg' } = variant;
  const pooled = (y: Feature): Feature => net.globalPool(y, pool, 'mean');
  let x = stem(net, image, variant, names);
  variant.depths.forEach((blocks, stage) => {
    const width = variant.widths[stage] ?? 0;
    if (stage > 0) {
      const { norm, conv, as } = names.downsample(stage);
      const normed = layerNorm2d(net, x, norm, epsilon);
      const halve = { channels: width, kernel: 2, stride: 2, bias: true, padding: noPadding, as };
      x = net.report(as, net.conv(normed, conv, halve));
    }
    for (let index = 0; index < blocks; index++) {
      const { path } = names.block(stage, index);
      x = net.report(path, block(net, x, names.block(stage, index), variant, names.scaleShape(width)));
    }
  });
  if (normFirst) return net.flatten(pooled(layerNorm2d(net, x, 'norm_pre', epsilon)), 'flatten');
  return net.flatten(layerNorm2d(net, pooled(x), names.lastNorm, lastEpsilon), 'flatten');
}

function stem(net: NetworkBuilder, image: Feature, variant: ConvNeXt, { stem: names }: Names): Feature {
  const [width = 0] = variant.widths;
  const { epsilon = 1e-6, overlap } = variant;
  const as = names.norm.replace(/\.\d+$/, '');
  let x: Feature;
  let norm = names.norm;
  if (overlap === undefined)
    x = net.conv(image, names.conv, {
      channels: width,
      kernel: 4,
      stride: 4,
      bias: true,
      padding: noPadding,
    });
  else {
    const conv = { kernel: 3, stride: 2, bias: true, padding: symmetricPadding(3) };
    x = net.conv(image, `${as}.0`, { ...conv, channels: overlap(width) });
    x = net.conv(x, `${as}.1`, { ...conv, channels: width });
    norm = `${as}.2`;
  }
  return net.report(as, layerNorm2d(net, x, norm, epsilon, as));
}

/** LayerNorm over the channels of (1,C,H,W). */
function layerNorm2d(net: NetworkBuilder, x: Feature, path: string, epsilon: number, as = path): Feature {
  const last = transpose(net, x.tensor, [0, 2, 3, 1], `${path}/last`);
  const normed = layerNorm(net, last, path, x.channels, epsilon, `${path}/normed`);
  return { ...x, tensor: transpose(net, normed, [0, 3, 1, 2], as) };
}

/** x + scale * project(gelu(expand(norm(depthwise 7x7)))), the linear layers over channels. */
function block(
  net: NetworkBuilder,
  x: Feature,
  names: ReturnType<Names['block']>,
  { convMlp: isConvolution = false, v2 = false, epsilon = 1e-6 }: ConvNeXt,
  scaleShape: readonly number[],
): Feature {
  const { channels } = x;
  const { path } = names;
  const wide = 4 * channels;
  const seven = { channels, groups: channels, kernel: 7, bias: true, padding: symmetricPadding(7) };
  let y = transpose(net, net.conv(x, names.depthwise, seven).tensor, [0, 2, 3, 1], `${path}/last`);
  y = layerNorm(net, y, names.norm, channels, epsilon);
  y = gelu(net, linear(net, y, names.expand, { inputs: channels, outputs: wide, isConvolution }));
  if (v2) y = responseNorm(net, y, `${path}.mlp.grn`, wide);
  y = linear(net, y, names.project, { inputs: wide, outputs: channels, isConvolution });
  if (!v2) {
    // Behind the channels either shape of the scale is a vector.
    const scale = reshape(net, net.parameter(names.scale, scaleShape), [channels], `${names.scale}/vector`);
    y = net.graph.node('Mul', [y, scale], {}, `${path}/scaled`);
  }
  const first = transpose(net, y, [0, 3, 1, 2], `${path}/first`);
  return { ...x, tensor: net.graph.node('Add', [first, x.tensor], {}, path) };
}

/** Global response normalization, arXiv 2301.00808: x + weight x n + bias, n = g / (mean of g + 1e-6), g the norm of each channel's plane. */
function responseNorm(net: NetworkBuilder, x: string, path: string, channels: number): string {
  const { graph } = net;
  const norms = graph.node('ReduceL2', [x], { axes: [1, 2], keepdims: 1 }, `${path}/norms`);
  const mean = graph.node('ReduceMean', [norms], { axes: [-1], keepdims: 1 }, `${path}/mean`);
  const tiny = graph.constant(`${path}/epsilon`, () => float32Tensor([], [1e-6]));
  const divisor = graph.node('Add', [mean, tiny], {}, `${path}/divisor`);
  const scaled = graph.node(
    'Mul',
    [x, graph.node('Div', [norms, divisor], {}, `${path}/n`)],
    {},
    `${path}/xn`,
  );
  const weighted = graph.node('Mul', [scaled, net.parameter(`${path}.weight`, [channels])], {}, `${path}/w`);
  const moved = graph.node('Add', [weighted, net.parameter(`${path}.bias`, [channels])], {}, `${path}/b`);
  return graph.node('Add', [x, moved], {}, path);
}

const convNeXt = (id: string, variant: ConvNeXt, names: Names): Architecture => ({
  id,
  anchor: `${names.stem.conv}.weight`,
  inputSize: 224,
  head:
    names === torchvision
      ? { root: 'classifier.2', path: 'classifier.2', layer: 'classifier' }
      : { root: 'head.fc', path: 'head.fc', layer: 'head.fc' },
  trunk: (net, image) => trunk(net, image, variant, names),
});

/** For libraries that name its parts otherwise (`transformers.ts`). */
export const convNeXtOfTimm = (id: string, variant: ConvNeXt): Architecture => convNeXt(id, variant, timm);

const doubling = (width: number): readonly number[] => [1, 2, 4, 8].map((factor) => factor * width);
const sized = (blocks: number, width: number, last = 3): ConvNeXt => ({
  depths: [last, last, blocks, last],
  widths: doubling(width),
});
const small = (blocks: number, width: number): ConvNeXt => ({ ...sized(blocks, width, 2), convMlp: true });

const common = {
  convnext_tiny: sized(9, 96),
  convnext_small: sized(27, 96),
  convnext_base: sized(27, 128),
  convnext_large: sized(27, 192),
} as const;

const tiered = (width: number): number => divisible(width / 2);
const same = (width: number): number => width;

const timmOnly = {
  convnext_atto: small(6, 40),
  convnext_femto: small(6, 48),
  convnext_pico: small(6, 64),
  convnext_nano: small(8, 80),
  convnext_atto_ols: { ...small(6, 40), overlap: tiered },
  convnext_femto_ols: { ...small(6, 48), overlap: tiered },
  convnext_pico_ols: { ...small(6, 64), overlap: tiered },
  convnext_nano_ols: { ...small(8, 80), overlap: same },
  convnext_tiny_hnf: { ...sized(9, 96), convMlp: true, normFirst: true },
  convnext_xlarge: sized(27, 256),
  convnext_xxlarge: { depths: [3, 4, 30, 3], widths: doubling(384), epsilon: 1e-5 },
  convnextv2_atto: { ...small(6, 40), v2: true },
  convnextv2_femto: { ...small(6, 48), v2: true },
  convnextv2_pico: { ...small(6, 64), v2: true },
  convnextv2_nano: { ...small(8, 80), v2: true },
  convnextv2_tiny: { ...sized(9, 96), v2: true },
  convnextv2_small: { ...sized(27, 96), v2: true },
  convnextv2_base: { ...sized(27, 128), v2: true },
  convnextv2_large: { ...sized(27, 192), v2: true },
  convnextv2_huge: { ...sized(27, 352), v2: true },
} as const;

export const convNeXtVariants = { ...common, ...timmOnly };

const family = (
  variants: Readonly<Record<string, ConvNeXt>>,
  library: string,
  names: Names,
): readonly Architecture[] =>
  Object.entries(variants).map(([name, variant]) => convNeXt(`${library}/${name}`, variant, names));

export const convNeXts: readonly Architecture[] = [
  ...family(common, 'torchvision', torchvision),
  ...family(convNeXtVariants, 'timm', timm),
];
