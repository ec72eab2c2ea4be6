/** Vision transformers (ViT, DeiT, CLIP's image towers with a head) as `torchvision` and `timm` compute them, arXiv 2010.11929. */
import { layerNorm, linear, mlp, reshape, slice } from './channels-last';
import type { Feature, NetworkBuilder, Vector } from './layers';
import type { Architecture } from './network';
import { noPadding } from './padding';
import type { Tokens } from './tokens';
import { attention, fixedSize, lengthOf, reportPatches, selfAttention, tokensOf } from './tokens';

export interface VisionTransformer {
  readonly size: number;
  readonly patch: number;
  readonly channels: number;
  readonly depth: number;
  readonly heads: number;
  readonly epsilon?: number;
  /** A normalization before the first block, and none of the patches' bias: CLIP. */
  readonly preNorm?: boolean;
  /** Scaled residuals (arXiv 2103.17239). */
  readonly layerScale?: boolean;
  /** Only patches have positions: class and register tokens are put before them afterwards. */
  readonly patchPositions?: boolean;
  /** Without a class token the patches are averaged. */
  readonly classToken?: boolean;
  /** arXiv 2309.16588. */
  readonly registers?: number;
  /** A second token with a head of its own, beside the class token's; logits are the mean of both (arXiv 2012.12877), unless its head is left out. */
  readonly distilled?: boolean | 'without its head';
  /** What the logits are computed from: the class token, or the mean of the patches, normalized before or (`fc_norm`) after averaging. */
  readonly pool?: 'token' | 'mean of normalized' | 'normalized mean';
  readonly qkvBias?: boolean;
}

/** Hidden channels of a block's linear layers. */
const WIDER = 4;

/** A library's module names. */
interface Names {
  readonly patches: string;
  readonly classToken: string;
  readonly positions: string;
  readonly preNorm: string;
  block(index: number): string;
  readonly norms: readonly [string, string];
  readonly mlp: readonly [string, string];
  attention(net: NetworkBuilder, x: string, block: string, options: Attending): string;
  readonly norm: string;
  readonly head: Architecture['head'];
}

interface Attending {
  readonly channels: number;
  readonly heads: number;
  readonly length: number;
  readonly bias: boolean;
}

const torchvision: Names = {
  patches: 'conv_proj',
  classToken: 'class_token',
  positions: 'encoder.pos_embedding',
  preNorm: '',
  block: (index) => `encoder.layers.encoder_layer_${index}`,
  norms: ['ln_1', 'ln_2'],
  mlp: ['mlp.0', 'mlp.3'],
  attention: (net, x, block, options) => {
    const path = `${block}.self_attention`;
    const { channels, heads, length } = options;
    const names = { weight: `${path}.in_proj_weight`, bias: `${path}.in_proj_bias` };
    const qkv = linear(net, x, `${path}/qkv`, { inputs: channels, outputs: 3 * channels, names });
    const mixed = attention(net, qkv, { channels, heads, length }, `${path}/mixed`);
    return linear(net, mixed, `${path}.out_proj`, { inputs: channels, outputs: channels });
  },
  norm: 'encoder.ln',
  head: { root: 'heads.head', path: 'heads.head', layer: 'heads.head' },
};

const timm: Names = {
  patches: 'patch_embed.proj',
  classToken: 'cls_token',
  positions: 'pos_embed',
  preNorm: 'norm_pre',
  block: (index) => `blocks.${index}`,
  norms: ['norm1', 'norm2'],
  mlp: ['mlp.fc1', 'mlp.fc2'],
  attention: (net, x, block, { bias, ...options }) =>
    selfAttention(net, x, `${block}.attn`, { ...options, hasBias: bias }),
  norm: 'norm',
  head: { root: 'head', path: 'head', layer: 'head' },
};

function trunk(
  net: NetworkBuilder,
  image: Feature,
  id: string,
  plan: VisionTransformer,
  names: Names,
): Vector {
  const { size, depth, channels, epsilon = 1e-6, preNorm = false } = plan;
  if (image.width !== size || image.height !== size) throw fixedSize(id, size, image);
  let x = embedded(net, image, plan, names);
  if (preNorm) x = { ...x, tensor: layerNorm(net, x.tensor, names.preNorm, channels, epsilon) };
  for (let index = 0; index < depth; index++) {
    const path = names.block(index);
    const isLast = index === depth - 1 && (plan.pool ?? 'token') === 'token';
    x = reportPatches(net, path, block(net, x, path, plan, names, isLast));
  }
  return pooled(net, x, plan, names);
}

/** The input of the head: (1, channels), or of both tokens of a distilled network (1, 2 channels). */
function pooled(net: NetworkBuilder, x: Tokens, plan: VisionTransformer, names: Names): Vector {
  const { channels, epsilon = 1e-6, pool = 'token', distilled } = plan;
  const mean = (tensor: string): string => {
    const patches = slice(net, tensor, [1, x.before, lengthOf(x)], 'patches/last');
    return net.graph.node('ReduceMean', [patches], { axes: [1], keepdims: 0 }, 'patches/mean');
  };
  if (pool === 'normalized mean')
    return { tensor: layerNorm(net, mean(x.tensor), 'fc_norm', channels, epsilon), channels };
  const normed = layerNorm(net, x.tensor, names.norm, channels, epsilon);
  if (pool === 'mean of normalized') return { tensor: mean(normed), channels };
  const tokens = distilled === true ? 2 : 1;
  const first = slice(net, normed, [1, 0, tokens], 'class');
  const vector = reshape(net, first, [1, tokens * channels], 'class/vector');
  return { tensor: vector, channels: tokens * channels };
}

/** Class, distillation and register tokens followed by the patches, with their positions. */
function embedded(net: NetworkBuilder, image: Feature, plan: VisionTransformer, names: Names): Tokens {
  const { patch, channels, preNorm = false, patchPositions = false } = plan;
  const { classToken = true, distilled, registers = 0 } = plan;
  const conv = { channels, kernel: patch, stride: patch, bias: !preNorm, padding: noPadding };
  const grid = net.report(names.patches, net.conv(image, names.patches, conv));
  const patches = tokensOf(net, grid, 'patches');
  const own: readonly (readonly [name: string, count: number])[] = [
    ...(classToken ? [[names.classToken, 1] as const] : []),
    ...(distilled === undefined ? [] : [['dist_token', 1] as const]),
    ...(registers > 0 ? [['reg_token', registers] as const] : []),
  ];
  const before = own.reduce((sum, [, count]) => sum + count, 0);
  const tokens = own.map(([name, count]) => net.parameter(name, [1, count, channels]));
  const length = lengthOf(patches) + (patchPositions ? 0 : before);
  const positions = net.parameter(names.positions, [1, length, channels]);
  const placed = (tensor: string): string => net.graph.node('Add', [tensor, positions], {}, 'placed');
  const withTokens = (tensor: string): string =>
    before === 0 ? tensor : net.graph.node('Concat', [...tokens, tensor], { axis: 1 }, 'with class token');
  const tensor = patchPositions ? withTokens(placed(patches.tensor)) : placed(withTokens(patches.tensor));
  return { ...patches, tensor, before };
}

/**
 * y = x + attention(norm(x)), y + mlp(norm(y)). The patches of the last block's output no longer reach the logits, which are made of
 * the class token: its first normalization is a layer, as pytorch-grad-cam recommends.
 */
function block(
  net: NetworkBuilder,
  x: Tokens,
  path: string,
  { channels, heads, epsilon = 1e-6, layerScale = false, qkvBias = true }: VisionTransformer,
  names: Names,
  isLast: boolean,
): Tokens {
  const [first, second] = names.norms.map((norm) => `${path}.${norm}`) as [string, string];
  const [expand, project] = names.mlp.map((layer) => `${path}.${layer}`) as [string, string];
  const scaled = (y: string, scale: string): string => {
    if (!layerScale) return y;
    const name = `${path}.${scale}.gamma`;
    return net.graph.node('Mul', [y, net.parameter(name, [channels])], {}, `${path}/${scale}`);
  };
  const as = isLast ? `${first}/normed` : first;
  let normed: Tokens = { ...x, tensor: layerNorm(net, x.tensor, first, channels, epsilon, as) };
  if (isLast) normed = reportPatches(net, first, normed);
  const attended = names.attention(net, normed.tensor, path, {
    ...{ channels, heads, length: lengthOf(x), bias: qkvBias },
  });
  const y = net.graph.node('Add', [x.tensor, scaled(attended, 'ls1')], {}, `${path}/attended`);
  const again = layerNorm(net, y, second, channels, epsilon);
  const added = scaled(mlp(net, again, [expand, project], channels, WIDER * channels), 'ls2');
  return { ...x, tensor: net.graph.node('Add', [y, added], {}, `${path}/sum`) };
}

const built = (id: string, plan: VisionTransformer, names: Names): Architecture => ({
  id,
  anchor: `${names.patches}.weight`,
  inputSize: plan.size,
  head: plan.distilled === true ? { ...names.head, second: 'head_dist' } : names.head,
  trunk: (net, image) => trunk(net, image, id, plan, names),
});

export const torchvisionViT = (id: string, plan: VisionTransformer): Architecture =>
  built(id, plan, torchvision);
export const timmViT = (id: string, plan: VisionTransformer): Architecture => built(id, plan, timm);
