/** Vision transformers of timm that differ in tokens, pooling and heads are told apart by their names and shapes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recognize } from '../../../server/src/architectures/recognize';
import { savedShapes, stateDictOf } from './state-dicts';

for (const id of [
  'timm/deit_tiny_distilled_patch16_224',
  'timm/vit_tiny_patch16_224',
  'timm/vit_tiny_patch16_224+global_pool=avg',
  'timm/vit_medium_patch16_gap_240',
  'timm/vit_medium_patch16_reg1_gap_256',
  'timm/vit_medium_patch16_reg4_gap_256',
  'timm/vit_small_patch14_dinov2',
  'timm/vit_small_patch14_reg4_dinov2',
  'timm/convnext_tiny_hnf',
  'timm/mobilenetv3_small_050',
  'timm/mobilenetv3_rw',
  'timm/tf_mobilenetv3_small_minimal_100',
])
  for (const classes of [7, 1000])
    test(`${id}, ${classes} classes`, () => {
      const found = recognize(stateDictOf(savedShapes(id, classes)), { source: '/weights/best.pth' });
      assert.deepEqual([found.id, found.renamedHead, found.leftAside], [id, null, []]);
    });

test('one head of a distilled network alone is refused', () => {
  const shapes = savedShapes('timm/deit_tiny_distilled_patch16_224');
  shapes.delete('head_dist.weight');
  assert.throws(() => recognize(stateDictOf(shapes), { source: 'best.pth' }), /head_dist\.weight/);
});

test('with and without TensorFlow’s padding: the likelier, and what else it could be', () => {
  const shapes = savedShapes('timm/mobilenetv3_large_100');
  const found = recognize(stateDictOf(shapes), { source: '/weights/best.pth' });
  assert.deepEqual(found.twins, ['timm/tf_mobilenetv3_large_100']);
  assert.match(found.notes.join(), /timm\/mobilenetv3_large_100 and timm\/tf_mobilenetv3_large_100/);
  const named = recognize(stateDictOf(shapes), { source: '/weights/tf_mobilenetv3_large_100.pth' });
  assert.equal(named.id, 'timm/tf_mobilenetv3_large_100');
});

test('Swin V2: windows are not in a file, so a name in its path decides, and the report says what else it could be', () => {
  const shapes = savedShapes('timm/swinv2_tiny_window16_256');
  const found = recognize(stateDictOf(shapes), { source: '/weights/best.pth' });
  assert.equal(found.id, 'timm/swinv2_tiny_window8_256');
  assert.match(found.notes.join(), /timm\/swinv2_tiny_window8_256 and timm\/swinv2_tiny_window16_256/);
  const named = recognize(stateDictOf(shapes), {
    source: '/swinv2_tiny_window16_256.ms_in1k/model.safetensors',
  });
  assert.equal(named.id, 'timm/swinv2_tiny_window16_256');
});
