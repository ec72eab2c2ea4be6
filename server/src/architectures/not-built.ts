/** Families of networks that are known by the names of their tensors and not built here, so that a refusal can name them. */

/** What to do with a network that no names and shapes of tensors can say how to build. */
export const EXPORT_TO_ONNX = 'Export the network as an ONNX file, which says what it computes.';

interface Family {
  /** How it is called, and by which names its library knows it. */
  readonly what: string;
  /** Ends of names, all of which its files have and no file of a network that is built. */
  readonly names: readonly string[];
  readonly without?: readonly string[];
}

const BYOB =
  'timm’s own ResNets (resnet*_clip, resnet*ts, resnet51q, resnet61q, seresnet33ts, and others of byobnet.py)';
const RELATIVE = 'a timm vision transformer with relative positions (vit_relpos_*, vit_srelpos_*)';
const HYBRID =
  'a timm vision transformer behind a ResNet (vit_*_r26_*, vit_*_r50_*, vit_*_resnet*, vit_tiny_r_s16_*)';
const FUSED =
  'a timm network that expands by 3x3 convolutions (efficientnet_es, _em and _el and their pruned ones, mobilenet_edgetpu_*, efficientnetv2_*, tf_efficientnetv2_*, and others)';

/** Of transformers 4.57: the first convolution of each, behind the name of its trunk. */
const OF_TRANSFORMERS: readonly (readonly [what: string, name: string])[] = [
  ['BEiT', 'beit.embeddings.patch_embeddings.projection'],
  ['Data2VecVision', 'data2vec_vision.embeddings.patch_embeddings.projection'],
  ['DINOv2', 'dinov2.embeddings.patch_embeddings.projection'],
  ['DINOv2 with registers', 'dinov2_with_registers.embeddings.patch_embeddings.projection'],
  ['SigLIP or CLIP', 'vision_model.embeddings.patch_embedding'],
  ['EfficientNet', 'efficientnet.embeddings.convolution'],
  ['FocalNet', 'focalnet.embeddings.patch_embeddings.projection'],
  ['Hiera', 'hiera.embeddings.patch_embeddings.projection'],
  ['LeViT', 'levit.patch_embeddings.embedding_layer_1.convolution'],
  ['MobileNetV1', 'mobilenet_v1.conv_stem.convolution'],
  ['MobileNetV2', 'mobilenet_v2.conv_stem.first_conv.convolution'],
  ['MobileViT', 'mobilevit.conv_stem.convolution'],
  ['MobileViTV2', 'mobilevitv2.conv_stem.convolution'],
  ['PoolFormer', 'poolformer.encoder.patch_embeddings.0.projection'],
  ['PVT', 'pvt.encoder.patch_embeddings.0.projection'],
  ['PVT V2', 'pvt_v2.encoder.layers.0.patch_embedding.proj'],
  ['RegNet', 'regnet.embedder.embedder.convolution'],
  ['SegFormer', 'segformer.encoder.patch_embeddings.0.proj'],
  ['SwiftFormer', 'swiftformer.encoder.network.0.blocks.0.linear.fc1'],
];

/** Of timm 1.0.22 and transformers 4.57. */
const FAMILIES: readonly Family[] = [
  { what: BYOB, names: ['stages.0.0.conv1_1x1.conv.weight'] },
  { what: BYOB, names: ['stages.0.0.conv1_kxk.conv.weight'] },
  { what: RELATIVE, names: ['blocks.0.attn.rel_pos.mlp.fc1.weight'] },
  { what: RELATIVE, names: ['blocks.0.attn.rel_pos.relative_position_bias_table'] },
  { what: RELATIVE, names: ['blocks.0.attn.qkv.weight', 'shared_rel_pos.mlp.fc1.weight'] },
  { what: RELATIVE, names: ['blocks.0.attn.qkv.weight', 'shared_rel_pos.relative_position_bias_table'] },
  ...['stem.conv', 'conv1.0', 'conv'].map((first) => ({
    what: HYBRID,
    names: [`patch_embed.backbone.${first}.weight`, 'blocks.0.attn.qkv.weight'],
  })),
  {
    what: 'a timm network with rotary positions (vit_*_rope_*, vit_*_dinov3, EVA) or BEiT',
    names: ['patch_embed.proj.weight', 'blocks.0.gamma_1', 'blocks.0.attn.qkv.weight'],
  },
  {
    what: 'a timm vision transformer that pools by attention (vit_*_siglip_*)',
    names: ['patch_embed.proj.weight', 'attn_pool.latent', 'attn_pool.q.weight'],
  },
  {
    what: 'a timm ConvNeXt that normalizes by the root mean square (convnext_*_rms*)',
    names: [
      'stages.0.blocks.0.conv_dw.weight',
      'stages.0.blocks.0.norm.weight',
      'stages.3.blocks.0.norm.weight',
    ],
    without: ['stages.0.blocks.0.norm.bias', 'stages.1.blocks.0.norm.bias', 'stages.3.blocks.0.norm.bias'],
  },
  ...['blocks.0.0', 'blocks.1.0'].map((first) => ({
    what: FUSED,
    names: ['conv_stem.weight', `${first}.conv_exp.weight`, `${first}.conv_pwl.weight`],
  })),
  {
    what: 'timm’s own Swin Transformer V2 (swinv2_cr_*)',
    names: ['stages.0.blocks.0.attn.meta_mlp.fc1.weight', 'stages.0.blocks.0.attn.logit_scale'],
  },
  ...OF_TRANSFORMERS.map(([what, name]) => ({
    what: `${what} of Hugging Face’s transformers`,
    names: [`${name}.weight`],
  })),
];

/** What the network of these tensors is called, if it is one that is known and not built; null otherwise. */
export function knownButNotBuilt(tensors: Iterable<string>): string | null {
  const all = [...tensors];
  const holds = (name: string): boolean => all.some((each) => each === name || each.endsWith(`.${name}`));
  const found = FAMILIES.find(({ names, without = [] }) => names.every(holds) && !without.some(holds));
  return found?.what ?? null;
}
