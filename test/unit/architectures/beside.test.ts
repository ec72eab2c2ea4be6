/** What may lie beside a network in its file, what may not, and heads that are not where the library puts them. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { recognize } from '../../../server/src/architectures/recognize';
import type { Shape, Shapes } from '../../../server/src/architectures/state-dict';
import { LensError } from '../../../server/src/errors';
import { renamed, savedShapes, stateDictOf } from './state-dicts';

const read = (shapes: Shapes) => recognize(stateDictOf(shapes), { source: 'w.pth' });

function refusal(shapes: Shapes): string {
  try {
    read(shapes);
  } catch (error) {
    assert.ok(error instanceof LensError);
    assert.equal(error.kind, 'model');
    return error.message;
  }
  throw new assert.AssertionError({ message: 'was recognized' });
}

const resnet = (prefix = '', classes = 2) =>
  renamed(savedShapes('torchvision/resnet18', classes), (name) => prefix + name);
const with_ = (shapes: Map<string, Shape>, others: Readonly<Record<string, Shape>>) =>
  new Map([...shapes, ...Object.entries(others)]);

describe('left aside, and said', () => {
  const rows: readonly (readonly [string, Shapes, readonly string[]])[] = [
    ['an average', with_(resnet('module.'), { n_averaged: [] }), ['n_averaged']],
    ['a loss', with_(resnet('model.'), { 'criterion.weight': [2] }), ['criterion.weight']],
    ['a counter beside bare names', with_(resnet(), { epoch: [] }), ['epoch']],
    [
      'a loss inside the wrapper',
      with_(resnet('net.'), { 'net.ce_loss.weight': [2] }),
      ['net.ce_loss.weight'],
    ],
    [
      'metrics',
      with_(resnet('model.'), { 'val_acc.tp': [2], 'val_acc.fp': [2], 'train_auroc.confmat': [5, 2, 2] }),
      ['val_acc.tp', 'val_acc.fp', 'train_auroc.confmat'],
    ],
    [
      'centers of a loss',
      with_(resnet('model.'), { 'center_loss.centers': [2, 512] }),
      ['center_loss.centers'],
    ],
    [
      'buffers',
      with_(resnet('net.'), { 'net.mean': [1, 3, 1, 1], temperature: [] }),
      ['net.mean', 'temperature'],
    ],
    ['a projector', with_(resnet('model.'), { 'projector.0.weight': [128, 256] }), ['projector.0.weight']],
    ['a second copy', new Map([...resnet('model.'), ...resnet('ema.')]), ['ema.* (122 tensors)']],
    [
      'a second copy that is nested',
      new Map([...resnet('ema.module.'), ...resnet('model.')]),
      ['ema.* (122 tensors)'],
    ],
  ];
  for (const [what, shapes, leftAside] of rows)
    test(what, () => {
      const found = read(shapes);
      assert.equal(found.id, 'torchvision/resnet18');
      assert.deepEqual(found.leftAside, leftAside);
      assert.equal(found.renamedHead, null);
      assert.equal([...found.stateDict.names()].length, 122);
    });

  test('the copy in the usual wrapper is the one that is read, whatever the order', () => {
    const { prefix, copies } = read(new Map([...resnet('ema.'), ...resnet('model.')]));
    assert.deepEqual([prefix, copies], ['model.', ['ema.']]);
  });
});

describe('still refused', () => {
  const trunk = 'layer1.0.conv1.weight';
  const without = (shapes: Map<string, Shape>, name: string) => (shapes.delete(name), shapes);
  const rows: readonly (readonly [string, Shapes, RegExp])[] = [
    ['a missing tensor', without(resnet(), trunk), /Missing: "layer1\.0\.conv1\.weight"/],
    [
      'a tensor of another shape',
      with_(resnet(), { [trunk]: [64, 64, 1, 1] }),
      /Shapes: "layer1\.0\.conv1\.weight"/,
    ],
    [
      'a fourth convolution',
      with_(resnet(), { 'layer1.0.conv4.weight': [64, 64, 1, 1] }),
      /Unexpected: "layer1\.0\.conv4\.weight"/,
    ],
    [
      'squeeze and excitation',
      with_(resnet('m.'), { 'm.layer2.1.se.fc1.weight': [8, 128] }),
      /Unexpected: "layer2\.1\.se/,
    ],
    [
      'a bias on a convolution',
      with_(resnet(), { 'layer1.0.conv1.bias': [64] }),
      /Unexpected: "layer1\.0\.conv1\.bias"/,
    ],
    [
      'attention between its modules',
      with_(resnet('net.'), { 'net.sa.conv1.weight': [1, 2, 7, 7] }),
      /Unexpected: "net\.sa/,
    ],
    ['another pooling', with_(resnet(), { 'avgpool.p': [1] }), /Unexpected: "avgpool\.p"/],
    [
      'a layer behind the head',
      with_(resnet('backbone.', 1000), { 'fc.weight': [2, 1000] }),
      /its head has 2 layers/,
    ],
    [
      'a loss name inside the trunk',
      with_(resnet(), { 'layer1.0.loss.weight': [64] }),
      /Unexpected: "layer1\.0\.loss/,
    ],
    [
      'student and teacher',
      new Map([...resnet('student.'), ...resnet('teacher.')]),
      /found 2, under "student", "teacher"/,
    ],
  ];
  for (const [what, shapes, message] of rows) test(what, () => assert.match(refusal(shapes), message));
});

describe('a head under another name', () => {
  const trunkOf = (id: string, prefix: string) =>
    renamed(
      new Map([...savedShapes(id)].filter(([name]) => !/^(_fc|fc|classifier)\./.test(name))),
      (name) => prefix + name,
    );
  const b0 = (prefix: string) => trunkOf('efficientnet_pytorch/b0', prefix);
  const rows: readonly (readonly [string, Shapes, string, readonly [string, readonly number[]]])[] = [
    [
      'icpr2020dfdc',
      with_(b0('efficientnet.'), { 'classifier.weight': [1, 1280], 'classifier.bias': [1] }),
      'classifier',
      ['_fc', [1, 1280]],
    ],
    [
      'DeepfakeBench',
      with_(b0('backbone.efficientnet.'), {
        'backbone.last_layer.weight': [2, 1280],
        'backbone.last_layer.bias': [2],
      }),
      'backbone.last_layer',
      ['_fc', [2, 1280]],
    ],
    [
      'a Sequential with dropout',
      with_(b0('module.net.'), { 'module.top.1.weight': [7, 1280], 'module.top.1.bias': [7] }),
      'module.top.1',
      ['_fc', [7, 1280]],
    ],
    [
      'inside the trunk’s module',
      with_(trunkOf('torchvision/resnet18', ''), { 'head.weight': [5, 512], 'head.bias': [5] }),
      'head',
      ['fc', [5, 512]],
    ],
    [
      'without bias, beside a loss',
      with_(b0('net.'), { 'cls.weight': [3, 1280], 'loss.weight': [3] }),
      'cls',
      ['_fc', [3, 1280]],
    ],
    [
      'the dfdc winner: the library’s own head is still there',
      with_(
        renamed(savedShapes('timm/efficientnet_b0', 1000), (n) => `module.encoder.${n}`),
        { 'module.fc.weight': [1, 1280], 'module.fc.bias': [1] },
      ),
      'module.fc',
      ['classifier', [1, 1280]],
    ],
  ];
  for (const [what, shapes, path, [own, shape]] of rows)
    test(what, () => {
      const { renamedHead, stateDict } = read(shapes);
      assert.equal(renamedHead, path);
      assert.deepEqual(stateDict.shape(`${own}.weight`), shape);
      assert.equal(stateDict.has(`${own}.bias`), shapes.has(`${path}.bias`));
    });

  test('its values are those of the file’s own name', async () => {
    const shapes = with_(b0('efficientnet.'), { 'classifier.weight': [1, 1280], 'classifier.bias': [1] });
    await assert.rejects(read(shapes).stateDict.float32('_fc.weight'), /classifier\.weight was read/);
  });

  const refused: readonly (readonly [string, Readonly<Record<string, Shape>>, RegExp])[] = [
    [
      'two layers',
      { 'top.0.weight': [64, 1280], 'top.3.weight': [2, 64] },
      /its head has 2 layers, "top\.0" \(1280 to 64\), "top\.3" \(64 to 2\)/,
    ],
    [
      'two heads',
      { 'age.weight': [9, 1280], 'sex.weight': [2, 1280] },
      /could be any of "age" \(1280 to 9\), "sex"/,
    ],
    [
      'a normalization before it',
      { 'top.0.weight': [1280], 'top.1.weight': [2, 1280] },
      /Unexpected: "top\.0\.weight"/,
    ],
    [
      'attention before it',
      { 'att.conv.weight': [1, 1280, 1, 1], 'top.weight': [2, 1280] },
      /Unexpected: "att\.conv/,
    ],
    ['a learned pooling', { 'gem.p': [1], 'top.weight': [2, 1280] }, /Unexpected: "gem\.p"/],
    ['another width', { 'top.weight': [2, 640] }, /Missing: "_fc\.weight"/],
    ['none', {}, /Missing: "_fc\.weight"/],
  ];
  for (const [what, others, message] of refused)
    test(`refused: ${what}`, () => assert.match(refusal(with_(b0('net.'), others)), message));
});
