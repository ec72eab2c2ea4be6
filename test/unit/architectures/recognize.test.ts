/** Recognition by names and shapes: every architecture, every wrapper, and every way in which a file can be wrong. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { RecognizeOptions } from '../../../server/src/architectures/recognize';
import { recognize } from '../../../server/src/architectures/recognize';
import { architectures } from '../../../server/src/architectures/registry';
import { retinaFaceRecognizers } from '../../../server/src/architectures/retinaface';
import { findHead } from '../../../server/src/architectures/head';
import type { Shapes } from '../../../server/src/architectures/state-dict';
import { shapesOf } from '../../../server/src/architectures/state-dict';
import { LensError } from '../../../server/src/errors';
import { renamed, savedShapes, stateDictOf } from './state-dicts';

const options: RecognizeOptions = { source: 'weights.pth' };

function refusal(shapes: Shapes, given: RecognizeOptions = options): LensError {
  try {
    recognize(stateDictOf(shapes), given);
  } catch (error) {
    assert.ok(error instanceof LensError);
    return error;
  }
  throw new assert.AssertionError({ message: 'was recognized' });
}

describe('every architecture', () => {
  for (const { id, head } of architectures)
    test(`${id} is recognized, with its class count`, () => {
      const [library, variant = ''] = id.split('/');
      // The file's name decides between timm's two families, and between windows of Swin V2.
      const source =
        library === 'timm' || library === 'transformers' ? `/models/${variant}.pth` : options.source;
      const recognized = recognize(stateDictOf(savedShapes(id, 7)), { source });
      assert.equal(recognized.id, id);
      assert.equal(recognized.task, 'classifier');
      assert.equal(findHead(shapesOf(recognized.stateDict), head.root)?.classes, 7);
    });
});

describe('detectors', () => {
  for (const { id, expected } of retinaFaceRecognizers)
    test(`${id} is recognized as one`, () => {
      const { shapes } = expected();
      const wrapped = renamed(shapes, (name) => `module.${name}`);
      const recognized = recognize(stateDictOf(wrapped), options);
      assert.deepEqual([recognized.id, recognized.task, recognized.prefix], [id, 'detector', 'module.']);
    });
});

describe('wrappers', () => {
  const shapes = savedShapes('efficientnet_pytorch/b0');
  for (const prefix of ['', 'net.', 'module.', 'model.', '_orig_mod.', 'module._orig_mod.model.', 'student.'])
    test(`"${prefix}" is removed`, () => {
      const { prefix: found, stateDict } = recognize(
        stateDictOf(renamed(shapes, (name) => prefix + name)),
        options,
      );
      assert.equal(found, prefix);
      assert.deepEqual([...stateDict.names()], [...shapes.keys()]);
      assert.ok(stateDict.has('_fc.weight'));
      assert.deepEqual(stateDict.shape('_fc.weight'), [2, 1280]);
    });
});

test('names that torchvision’s published files still have', () => {
  const published = renamed(savedShapes('torchvision/densenet121'), (name) =>
    name.replace(/(denselayer\d+\.(?:norm|conv))([12]\.)/, '$1.$2'),
  );
  assert.ok(published.has('features.denseblock1.denselayer1.norm.1.weight'));
  const recognized = recognize(stateDictOf(published), options);
  assert.equal(recognized.id, 'torchvision/densenet121');
  assert.deepEqual(recognized.leftAside, []);
});

describe('heads', () => {
  const cases = [
    ['torchvision/resnet18', 'fc', ['fc', 'fc.1', 'fc.0']],
    ['torchvision/efficientnet_b0', 'classifier.1', ['classifier', 'classifier.1', 'classifier.1.1']],
    ['efficientnet_pytorch/b0', '_fc', ['_fc', '_fc.1']],
    ['torchvision/vgg16', 'classifier.6', ['classifier.6', 'classifier.6.1']],
  ] as const;
  for (const [id, own, paths] of cases)
    for (const path of paths)
      test(`${id} with its last layer at ${path}`, () => {
        const moved = renamed(savedShapes(id, 4), (name) =>
          name.startsWith(`${own}.`) ? path + name.slice(own.length) : name,
        );
        const { stateDict } = recognize(stateDictOf(moved), options);
        assert.deepEqual(findHead(shapesOf(stateDict), own.split('.')[0]!), {
          path,
          classes: 4,
          bias: true,
        });
      });

  test('a last layer without bias', () => {
    const shapes = savedShapes('torchvision/resnet18');
    shapes.delete('fc.bias');
    const { stateDict } = recognize(stateDictOf(shapes), options);
    assert.equal(findHead(shapesOf(stateDict), 'fc')?.bias, false);
  });

  test('two linear layers are refused: what lies between them is not in the file', () => {
    const shapes = savedShapes('torchvision/resnet18');
    shapes.delete('fc.weight');
    shapes.delete('fc.bias');
    shapes.set('fc.0.weight', [64, 512]).set('fc.0.bias', [64]);
    shapes.set('fc.2.weight', [2, 64]).set('fc.2.bias', [2]);
    assert.equal(
      refusal(shapes).message,
      'weights.pth: is torchvision/resnet18, but its head has 2 layers, "fc.0" (512 to 64), "fc.2" (64 to 2); ' +
        'expected one linear layer.',
    );
  });
});

describe('a head that is a 1x1 convolution', () => {
  const shapes = savedShapes('timm/resnetv2_50x1_bit', 7);

  test('is a head', () => {
    const { id, stateDict } = recognize(stateDictOf(shapes), options);
    assert.equal(id, 'timm/resnetv2_50x1_bit');
    assert.deepEqual(stateDict.shape('head.fc.weight'), [7, 2048, 1, 1]);
    const head = {
      path: 'head.fc',
      classes: 7,
      bias: true,
      isConvolution: true,
    };
    assert.deepEqual(findHead(shapesOf(stateDict), 'head.fc'), head);
  });

  test('may be a linear layer under another name', () => {
    const moved = new Map([...shapes].filter(([name]) => !name.startsWith('head.')));
    const wrapped = renamed(moved, (name) => `backbone.${name}`);
    wrapped.set('last.weight', [3, 2048]).set('last.bias', [3]);
    const { id, stateDict, renamedHead } = recognize(stateDictOf(wrapped), options);
    assert.deepEqual([id, renamedHead], ['timm/resnetv2_50x1_bit', 'last']);
    const head = { path: 'head.fc', classes: 3, bias: true };
    assert.deepEqual(findHead(shapesOf(stateDict), 'head.fc'), head);
  });

  test('of another network is not', () => {
    const other = savedShapes('torchvision/resnet18');
    other.set('fc.weight', [2, 512, 1, 1]);
    assert.match(refusal(other).message, /fc\.weight/);
  });
});

describe('timm’s two families', () => {
  const choose = (id: string, given: RecognizeOptions) => recognize(stateDictOf(savedShapes(id)), given);

  for (const [variant, expected] of [
    ['b0', 'timm/efficientnet_b0'],
    ['b5', 'timm/efficientnet_b5'],
    ['b6', 'timm/tf_efficientnet_b6'],
    ['b8', 'timm/tf_efficientnet_b8'],
  ] as const)
    test(`${variant}: the one with published weights is assumed, and the reader told`, () => {
      const { id, notes } = choose(`timm/efficientnet_${variant}`, options);
      assert.equal(id, expected);
      assert.equal(notes.length, 1);
      assert.match(notes[0]!, new RegExp(`^The weights fit ${expected} and timm/\\w+_${variant}, .*assumed`));
    });

  test('the file’s name decides', () => {
    const source = '/w/final_DeepFakeClassifier_tf_efficientnet_b4_ns.pt';
    assert.equal(choose('timm/efficientnet_b4', { source }).id, 'timm/tf_efficientnet_b4');
    const plain = '/tf/efficientnet_b7_best.pt';
    assert.equal(choose('timm/efficientnet_b7', { source: plain }).id, 'timm/efficientnet_b7');
  });

  test('the user decides, without a note', () => {
    const { id, notes } = choose('timm/efficientnet_b0', {
      source: 'efficientnet_b0.pth',
      architecture: 'timm/tf_efficientnet_b0',
    });
    assert.equal(id, 'timm/tf_efficientnet_b0');
    assert.deepEqual(notes, []);
  });
});

describe('files that do not fit', () => {
  test('missing, unexpected and misshaped tensors are listed with the nearest name', () => {
    const shapes = savedShapes('efficientnet_pytorch/b0');
    shapes.delete('_conv_head.weight');
    shapes.set('_conv_haed.weight', [1280, 320, 1, 1]);
    shapes.set('_bn1.bias', [1281]);
    const { message, kind, fix } = refusal(shapes);
    assert.equal(kind, 'model');
    assert.equal(
      message,
      'weights.pth: closest to efficientnet_pytorch/b0, but its tensors differ. ' +
        'Missing: "_conv_head.weight" (the file has "_conv_haed.weight"). ' +
        'Unexpected: "_conv_haed.weight" (expected "_conv_head.weight"). ' +
        'Shapes: "_bn1.bias" is [1281], expected [1280].',
    );
    assert.ok(fix);
  });

  test('long lists are cut', () => {
    const shapes = savedShapes('torchvision/resnet18');
    for (const name of [...shapes.keys()]) if (name.startsWith('layer4.1.')) shapes.delete(name);
    assert.match(
      refusal(shapes).message,
      /Missing: "layer4\.1\.conv1\.weight", ("[\w.]+"(, )?){4} and 5 more\.$/,
    );
  });

  test('a file without the first layer is still compared', () => {
    const shapes = renamed(savedShapes('torchvision/resnet18'), (name) => `module.${name}`);
    for (const name of [...shapes.keys()]) if (name.endsWith('conv1.weight')) shapes.delete(name);
    assert.match(refusal(shapes).message, /closest to torchvision\/resnet18 \(wrapped as "module\."\)/);
  });

  test('a network without its last layer', () => {
    const shapes = savedShapes('timm/efficientnet_b0');
    shapes.delete('classifier.weight');
    shapes.delete('classifier.bias');
    assert.match(refusal(shapes).message, /Missing: "classifier\.weight", "classifier\.bias"\.$/);
  });

  test('an unknown architecture says what was found and what is supported', () => {
    const shapes = new Map([
      ['tokenizer.weight', [768, 3, 16, 16]],
      ['query', [1, 1, 768]],
    ]);
    const { message, fix, kind } = refusal(shapes);
    assert.equal(kind, 'model');
    assert.equal(
      message,
      'weights.pth: expected a network of a known architecture, found 2 tensors: ' +
        '"tokenizer.weight" [768, 3, 16, 16], "query" [1, 1, 768].',
    );
    assert.match(fix ?? '', /efficientnet_pytorch B0 to B8.*torchvision ResNet.*ONNX/);
  });

  test('an empty state dict', () => {
    assert.match(refusal(new Map()).message, /found no tensors\.$/);
  });

  test('the architecture that the user names is the one compared with, however far off', () => {
    const given = { ...options, architecture: 'torchvision/resnet50' };
    assert.match(
      refusal(savedShapes('efficientnet_pytorch/b0'), given).message,
      /closest to torchvision\/resnet50/,
    );
  });

  test('an architecture that does not exist', () => {
    const error = refusal(new Map(), {
      ...options,
      architecture: 'torchvision/resnet51',
    });
    assert.equal(error.kind, 'usage');
    assert.match(error.fix ?? '', /Did you mean "torchvision\/resnet5?0?\d*"\?/);
  });

  test('a pruned network: the names of one, and other shapes', () => {
    const narrower = (shape: readonly number[]) => shape.map((length) => (length > 8 ? length - 8 : length));
    for (const [prefix, text] of [
      ['', 'has the names of timm/ecaresnet50d, but other shapes'],
      ['module.', 'has the names of timm/ecaresnet50d (wrapped as "module."), but other shapes'],
    ] as const) {
      const pruned = [...savedShapes('timm/ecaresnet50d')].map(
        ([name, shape]) => [prefix + name, name.startsWith('fc.') ? shape : narrower(shape)] as const,
      );
      const error = refusal(new Map(pruned));
      assert.ok(error.message.includes(text), error.message);
      assert.match(error.message, /pruned .* Shapes: .*\.$/);
      assert.match(error.fix ?? '', /ONNX/);
    }
  });

  test('names of a hostile file stay cheap to compare', () => {
    const shapes = savedShapes('torchvision/resnet18');
    for (let i = 0; i < 20_000; i++) shapes.set(`${'x'.repeat(1000)}.${i}`, [7, 7]);
    shapes.delete('fc.bias');
    assert.match(refusal(shapes).message, /known architecture/);
  });
});

test('families that are known and not built are refused by their names', () => {
  const shape = [8];
  const families: Readonly<Record<string, readonly string[]>> = {
    'resnet\\*_clip': ['stem.conv1.conv.weight', 'stages.0.0.conv1_1x1.conv.weight'],
    'vit_relpos_\\*': ['patch_embed.proj.weight', 'blocks.0.attn.rel_pos.mlp.fc1.weight'],
    'vit_\\*_r50_\\*': ['patch_embed.backbone.stem.conv.weight', 'blocks.0.attn.qkv.weight'],
    'vit_\\*_dinov3': ['patch_embed.proj.weight', 'blocks.0.gamma_1', 'blocks.0.attn.qkv.weight'],
    'vit_\\*_siglip_\\*': ['patch_embed.proj.weight', 'attn_pool.latent', 'attn_pool.q.weight'],
    'convnext_\\*_rms': [0, 3].flatMap((stage) => [
      `stages.${stage}.blocks.0.conv_dw.weight`,
      `stages.${stage}.blocks.0.norm.weight`,
    ]),
    'efficientnet_es, _em and _el and their pruned ones': [
      'conv_stem.weight',
      'blocks.0.0.conv_exp.weight',
      'blocks.0.0.conv_pwl.weight',
    ],
    'efficientnetv2_\\*': ['conv_stem.weight', 'blocks.1.0.conv_exp.weight', 'blocks.1.0.conv_pwl.weight'],
    'swinv2_cr_\\*': [
      'patch_embed.proj.weight',
      'stages.0.blocks.0.attn.logit_scale',
      'stages.0.blocks.0.attn.meta_mlp.fc1.weight',
    ],
  };
  for (const [name, tensors] of Object.entries(families))
    for (const prefix of ['', 'module.'])
      assert.throws(
        () =>
          recognize(stateDictOf(new Map(tensors.map((tensor) => [prefix + tensor, shape]))), {
            source: 'best.pth',
          }),
        new RegExp(`has the tensors of .*${name}.*cannot build`),
      );
});
