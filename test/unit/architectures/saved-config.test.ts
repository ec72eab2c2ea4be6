/** What `config.json` says beside a checkpoint of transformers: where it contradicts the network, nothing is computed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { architectures } from '../../../server/src/architectures/registry';
import { refuseOtherConfig } from '../../../server/src/architectures/saved-config';
import { LensError } from '../../../server/src/errors';

const refusal = (id: string, said: Readonly<Record<string, unknown>>): LensError | null => {
  try {
    refuseOtherConfig(id, said, 'model.safetensors', '/models/config.json');
    return null;
  } catch (thrown) {
    assert.ok(thrown instanceof LensError);
    return thrown;
  }
};

test('what says nothing else, or of something else, is no contradiction', () => {
  const id = 'transformers/vit_base_patch16_224';
  assert.equal(refusal(id, {}), null);
  assert.equal(refusal(id, { hidden_act: 'gelu', num_attention_heads: 12, hidden_dropout_prob: 0.1 }), null);
  assert.equal(refusal('torchvision/resnet50', { hidden_act: 'silu' }), null);
});

for (const [id, key, value] of [
  ['transformers/vit_base_patch16_224', 'hidden_act', 'gelu_new'],
  ['transformers/vit_base_patch16_224', 'num_attention_heads', 16],
  ['transformers/deit_tiny_patch16_224', 'layer_norm_eps', 1e-6],
  ['transformers/swin_tiny_patch4_window7_224', 'num_heads', [1, 2, 4, 8]],
  ['transformers/swin_tiny_patch4_window7_224', 'use_absolute_embeddings', true],
  ['transformers/convnext_tiny', 'hidden_act', 'relu'],
  ['transformers/resnet_50', 'downsample_in_bottleneck', true],
] as const)
  test(`${id}: another ${key} is refused by name`, () => {
    const error = refusal(id, { [key]: value });
    assert.equal(error?.kind, 'model');
    const { message, fix } = error;
    assert.ok(
      message.startsWith(
        `model.safetensors: /models/config.json says that ${key} is ${JSON.stringify(value)}; ${id},`,
      ),
      message,
    );
    assert.match(fix ?? '', /ONNX/);
  });

test('the windows of a Swin V2 are not in its tensors: the one that the file means is named', () => {
  const swin = refusal('transformers/swinv2_tiny_patch4_window8_256', {
    ...{ window_size: 16, image_size: 256, pretrained_window_sizes: [0, 0, 0, 0] },
  });
  assert.match(swin?.fix ?? '', /^The file means transformers\/swinv2_tiny_patch4_window16_256\.$/);
  assert.deepEqual(swin?.remedies, [{ do: 'choose-architecture' }]);
});

test('every network of transformers has something that only its file tells', () => {
  for (const { id, config } of architectures)
    assert.equal(config !== undefined, id.startsWith('transformers/'), id);
});
