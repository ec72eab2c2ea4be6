/** How Hugging Face's `transformers` 4.57 names what timm and torchvision name otherwise. */
import type { Respelling, Spelling } from './spelling';

/** What timm keeps as `qkv`. */
const parts = (path: string): readonly string[] => ['query', 'key', 'value'].map((part) => `${path}.${part}`);

/** A block of an encoder, which all of these name alike but for the attention within. */
const block = (there: string, here: string, inner: string): readonly Respelling[] => [
  [new RegExp(`^${there}\\.attn\\.qkv`), parts(`${here}.attention.${inner}`)],
  [new RegExp(`^${there}\\.attn\\.proj`), `${here}.attention.output.dense`],
  [new RegExp(`^${there}\\.norm1`), `${here}.layernorm_before`],
  [new RegExp(`^${there}\\.norm2`), `${here}.layernorm_after`],
  [new RegExp(`^${there}\\.mlp\\.fc1`), `${here}.intermediate.dense`],
  [new RegExp(`^${there}\\.mlp\\.fc2`), `${here}.output.dense`],
];

/** Of timm's. @param root `vit` or `deit` */
export const vitSpelling = (root: string): Spelling => ({
  names: [
    ...block('blocks\\.(\\d+)', `${root}.encoder.layer.$1`, 'attention'),
    [/^blocks\.(\d+)/, `${root}.encoder.layer.$1`],
    [/^patch_embed\.proj/, `${root}.embeddings.patch_embeddings.projection`],
    [/^cls_token/, `${root}.embeddings.cls_token`],
    [/^dist_token/, `${root}.embeddings.distillation_token`],
    [/^pos_embed/, `${root}.embeddings.position_embeddings`],
    [/^norm/, `${root}.layernorm`],
    [/^pooler/, `${root}.pooler`],
  ],
  // Files of before 2021 hold a pooler that no classifier reads.
  unused: [
    [/^cls_token$/, 'pooler.dense.weight'],
    [/^cls_token$/, 'pooler.dense.bias'],
  ],
});

/** Of timm's, where a stage begins with what its predecessor ends in here. @param root `swin` or `swinv2` */
export const swinSpelling = (root: string): Spelling => ({
  names: [
    ...block('layers\\.(\\d+)\\.blocks\\.(\\d+)', `${root}.encoder.layers.$1.blocks.$2`, 'self'),
    [
      /^layers\.(\d+)\.blocks\.(\d+)\.attn\.cpb_mlp/,
      `${root}.encoder.layers.$1.blocks.$2.attention.self.continuous_position_bias_mlp`,
    ],
    [
      /^layers\.(\d+)\.blocks\.(\d+)\.attn\.q_bias/,
      `${root}.encoder.layers.$1.blocks.$2.attention.self.query.bias`,
    ],
    [
      /^layers\.(\d+)\.blocks\.(\d+)\.attn\.v_bias/,
      `${root}.encoder.layers.$1.blocks.$2.attention.self.value.bias`,
    ],
    [/^layers\.(\d+)\.blocks\.(\d+)\.attn/, `${root}.encoder.layers.$1.blocks.$2.attention.self`],
    [/^layers\.(\d+)\.blocks\.(\d+)/, `${root}.encoder.layers.$1.blocks.$2`],
    ...[1, 2, 3].map((stage): Respelling => [
      new RegExp(`^layers\\.${stage}\\.downsample`),
      `${root}.encoder.layers.${stage - 1}.downsample`,
    ]),
    [/^patch_embed\.proj/, `${root}.embeddings.patch_embeddings.projection`],
    [/^patch_embed/, `${root}.embeddings`],
    [/^norm/, `${root}.layernorm`],
  ],
  // Version 2 writes neither since 2023.
  unused: [
    [/relative_position_bias_table$/, 'relative_position_index'],
    [/logit_scale$/, 'relative_position_index'],
    [/logit_scale$/, 'relative_coords_table'],
  ],
});

/** Of timm's. @param root `convnext` or `convnextv2` */
export const convNeXtSpelling = (root: string): Spelling => ({
  names: [
    [/^stem\.0/, `${root}.embeddings.patch_embeddings`],
    [/^stem\.1/, `${root}.embeddings.layernorm`],
    [/^stem/, `${root}.embeddings`],
    // A list of modules, of which the second computes what the stage begins with.
    [/^stages\.(\d+)\.downsample$/, `${root}.encoder.stages.$1.downsampling_layer.1`],
    [/^stages\.(\d+)\.downsample/, `${root}.encoder.stages.$1.downsampling_layer`],
    [/^stages\.(\d+)\.blocks\.(\d+)\.conv_dw/, `${root}.encoder.stages.$1.layers.$2.dwconv`],
    [/^stages\.(\d+)\.blocks\.(\d+)\.norm/, `${root}.encoder.stages.$1.layers.$2.layernorm`],
    [/^stages\.(\d+)\.blocks\.(\d+)\.mlp\.fc/, `${root}.encoder.stages.$1.layers.$2.pwconv`],
    [/^stages\.(\d+)\.blocks\.(\d+)\.mlp/, `${root}.encoder.stages.$1.layers.$2`],
    [/^stages\.(\d+)\.blocks\.(\d+)\.gamma/, `${root}.encoder.stages.$1.layers.$2.layer_scale_parameter`],
    [/^stages\.(\d+)\.blocks/, `${root}.encoder.stages.$1.layers`],
    [/^head\.norm/, `${root}.layernorm`],
  ],
  shapes: [[/\.grn\.(weight|bias)$/, ([channels = 0]) => [1, 1, 1, channels]]],
});

/** Of torchvision's, which counts stages and convolutions from 1. */
export const resNetSpelling: Spelling = {
  names: [
    [/^conv1/, 'resnet.embedder.embedder.convolution'],
    [/^bn1/, 'resnet.embedder.embedder.normalization'],
    [/^avgpool/, 'resnet.pooler'],
    ...[1, 2, 3, 4].flatMap((stage): readonly Respelling[] => {
      const there = `^layer${stage}\\.(\\d+)`;
      const here = `resnet.encoder.stages.${stage - 1}.layers.$1`;
      return [
        ...[1, 2, 3].flatMap((place): readonly Respelling[] => [
          [new RegExp(`${there}\\.conv${place}`), `${here}.layer.${place - 1}.convolution`],
          [new RegExp(`${there}\\.bn${place}`), `${here}.layer.${place - 1}.normalization`],
        ]),
        [new RegExp(`${there}\\.downsample\\.0`), `${here}.shortcut.convolution`],
        [new RegExp(`${there}\\.downsample\\.1`), `${here}.shortcut.normalization`],
        [new RegExp(there), here],
      ];
    }),
  ],
};
