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
  /** DeiT III: scaled residuals (arXiv 2103.17239), and no position for the class token. */
  readonly third?: boolean;
}

/** Hidden channels of a block's linear layers. */
const WIDER = 4;

/** A library's names. */
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
    const { channels } = options;
    const names = { weight: `${path}.in_proj_weight`, bias: `${path}.in_proj_bias` };
    const qkv = linear(net, x, `${path}/qkv`, { inputs: channels, outputs: 3 * channels, names });
    const mixed = attention(net, qkv, options, `${path}/mixed`);
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
  attention: (net, x, block, options) => selfAttention(net, x, `${block}.attn`, options),
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
    x = reportPatches(net, path, block(net, x, path, plan, names, index === depth - 1));
  }
  const normed = layerNorm(net, x.tensor, names.norm, channels, epsilon);
  const first = slice(net, normed, [1, 0, 1], 'class');
  return { tensor: reshape(net, first, [1, channels], 'class/vector'), channels };
}

/** The patches behind the class token, with their positions. */
function embedded(net: NetworkBuilder, image: Feature, plan: VisionTransformer, names: Names): Tokens {
  const { patch, channels, preNorm = false, third = false } = plan;
  const conv = { channels, kernel: patch, stride: patch, bias: !preNorm, padding: noPadding };
  const grid = net.report(names.patches, net.conv(image, names.patches, conv));
  const patches = tokensOf(net, grid, 'patches');
  const token = net.parameter(names.classToken, [1, 1, channels]);
  const length = lengthOf(patches) + (third ? 0 : 1);
  const positions = net.parameter(names.positions, [1, length, channels]);
  const placed = (tensor: string): string => net.graph.node('Add', [tensor, positions], {}, 'placed');
  const withToken = (tensor: string): string =>
    net.graph.node('Concat', [token, tensor], { axis: 1 }, 'with class token');
  const tensor = third ? withToken(placed(patches.tensor)) : placed(withToken(patches.tensor));
  return { ...patches, tensor, before: 1 };
}

/**
 * y = x + attention(norm(x)), y + mlp(norm(y)). The patches of the last block's output no longer reach the logits, which are made of
 * the class token: its first normalization is a layer, as pytorch-grad-cam recommends.
 */
function block(
  net: NetworkBuilder,
  x: Tokens,
  path: string,
  { channels, heads, epsilon = 1e-6, third = false }: VisionTransformer,
  names: Names,
  isLast: boolean,
): Tokens {
  const [first, second] = names.norms.map((norm) => `${path}.${norm}`) as [string, string];
  const [expand, project] = names.mlp.map((layer) => `${path}.${layer}`) as [string, string];
  const scaled = (y: string, scale: string): string => {
    if (!third) return y;
    const name = `${path}.${scale}.gamma`;
    return net.graph.node('Mul', [y, net.parameter(name, [channels])], {}, `${path}/${scale}`);
  };
  const as = isLast ? `${first}/normed` : first;
  let normed: Tokens = { ...x, tensor: layerNorm(net, x.tensor, first, channels, epsilon, as) };
  if (isLast) normed = reportPatches(net, first, normed);
  const attended = names.attention(net, normed.tensor, path, { channels, heads, length: lengthOf(x) });
  const y = net.graph.node('Add', [x.tensor, scaled(attended, 'ls1')], {}, `${path}/attended`);
  const again = layerNorm(net, y, second, channels, epsilon);
  const added = scaled(mlp(net, again, [expand, project], channels, WIDER * channels), 'ls2');
  return { ...x, tensor: net.graph.node('Add', [y, added], {}, `${path}/sum`) };
}

const built = (id: string, plan: VisionTransformer, names: Names): Architecture => ({
  id,
  anchor: `${names.patches}.weight`,
  inputSize: plan.size,
  head: names.head,
  trunk: (net, image) => trunk(net, image, id, plan, names),
});

export const torchvisionViT = (id: string, plan: VisionTransformer): Architecture =>
  built(id, plan, torchvision);
export const timmViT = (id: string, plan: VisionTransformer): Architecture => built(id, plan, timm);
