/** Networks that share names and shapes: one table, and which of them a file is read as. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { defaultHead, parametersOf } from '../../../server/src/architectures/build';
import type { RecognizeOptions } from '../../../server/src/architectures/recognize';
import { recognize } from '../../../server/src/architectures/recognize';
import { architectures, findArchitecture } from '../../../server/src/architectures/registry';
import { twins } from '../../../server/src/architectures/twins';
import { help } from '../../../server/src/cli/help';
import { LensError } from '../../../server/src/errors';
import { projectRoot } from '../../../server/src/system/paths';
import { renamed, savedShapes, stateDictOf } from './state-dicts';

const read = (id: string, given: RecognizeOptions) => recognize(stateDictOf(savedShapes(id)), given);

const parameters = (id: string): readonly string[] => {
  const architecture = findArchitecture(id)!;
  const { shapes, unused } = parametersOf(architecture, defaultHead(architecture, 2));
  return [...[...shapes].map(([name, shape]) => `${name} ${shape.join()}`), ...unused].sort();
};

describe('the table', () => {
  test('every id is there once, and none is a known network', () => {
    const ids = [...architectures, ...twins].map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
  });

  for (const { id, of, architecture } of twins)
    if (architecture !== null && /(50|18|b0)(?!\d)/.test(of))
      test(`${id} has the names and shapes of ${of}`, () => {
        assert.equal(architecture.id, id);
        assert.deepEqual(parameters(id), parameters(of));
      });

  test('the page names every kind', () => {
    const page = readFileSync(join(projectRoot(), 'docs', 'networks.md'), 'utf8');
    for (const { id } of twins) {
      const kind = id
        .replace(/^timm\/(?:se)?resnex?t(blur|aa)\d[^+]*$/, 'timm/resnet$1N')
        .replace(/^\w+\/(?:se|eca|wide_)?resnex?t[^+]*(?=\+)/, 'torchvision/resnetN')
        .replace(/v3_(large|small)/, 'v3_X')
        .replace(/vit_\w+_clip_quickgelu_\d+/, 'vit_*_clip_quickgelu_*')
        .replace(/b\d/, 'bN')
        .replace('tf_', '');
      assert.ok(page.includes(`\`${kind}\``), kind);
    }
  });
});

describe('which one a file is read as', () => {
  const rows: readonly (readonly [known: string, path: string, id: string, note: RegExp | null])[] = [
    ['torchvision/resnet50', 'weights.pth', 'torchvision/resnet50', null],
    ['torchvision/resnet50', '/models/resnet50-0676ba61.pth', 'torchvision/resnet50', null],
    [
      'torchvision/resnet18',
      'resnetblur18.pth',
      'timm/resnetblur18',
      /“resnetblur18”.* suggests timm\/resnetblur18/,
    ],
    ['torchvision/resnet34', 'my-ResNetBlur34_best.pt', 'timm/resnetblur34', /suggests/],
    [
      'torchvision/resnet50',
      'resnetaa50.a1h_in1k.safetensors',
      'timm/resnetaa50',
      /suggests timm\/resnetaa50/,
    ],
    [
      'torchvision/resnet50',
      '/hub/models--timm--resnetaa50.a1h_in1k/snapshots/0a1b/model.safetensors',
      'timm/resnetaa50',
      /suggests/,
    ],
    ['torchvision/resnet50', '/resnetblur50-runs/resnet50.pth', 'torchvision/resnet50', null],
    ['torchvision/resnet18', '/x/resnetblur50/weights.pth', 'torchvision/resnet18', null],
    [
      'torchvision/resnet101',
      'resnet_blur_best.pth',
      'torchvision/resnet101',
      /may refer to timm\/resnetblur101/,
    ],
    [
      'torchvision/resnet50',
      'resnet50_dilated.pth',
      'torchvision/resnet50',
      /output_stride=16 or .*output_stride=8/,
    ],
    ['torchvision/resnet50', 'resnet50_global-max.pth', 'torchvision/resnet50', /global_pool=max/],
    ['torchvision/resnet50', 'resnet50-caffe.pth', 'torchvision/resnet50', /\+stride_in_1x1/],
    ['torchvision/resnet18', 'resnet18-caffe.pth', 'torchvision/resnet18', null],
    ['timm/efficientnet_b0', 'efficientnet_blur_b0.pth', 'timm/efficientnet_blur_b0', /suggests/],
    [
      'timm/efficientnet_b0',
      'efficientnet_b0.pth',
      'timm/efficientnet_b0',
      /tf_efficientnet_b0.*compute different/,
    ],
    ['timm/efficientnet_b4', '/timm/tf_efficientnet_b4.ns/x.pth', 'timm/tf_efficientnet_b4', /was assumed/],
    [
      'efficientnet_pytorch/b4',
      'effnb4_best.pth',
      'efficientnet_pytorch/b4',
      /may refer to .*\+unpadded_stem/,
    ],
    ['efficientnet_pytorch/b4', 'b4.pth', 'efficientnet_pytorch/b4', null],
    ['torchvision/efficientnet_b0', 'blurpool.pth', 'torchvision/efficientnet_b0', null],
  ];
  for (const [known, source, expected, note] of rows)
    test(`${known} in ${source}: ${expected}`, () => {
      const { id, notes, readAs, twins: others } = read(known, { source });
      assert.equal(id, expected);
      if (note === null) assert.deepEqual(notes, []);
      else assert.match(notes.join(' '), note);
      assert.ok(readAs.startsWith(`Read as ${expected}, `), readAs);
      assert.ok(!others.includes(expected));
      // Every id that is offered can be requested.
      for (const other of others) assert.equal(read(known, { source, architecture: other }).id, other);
    });

  test('a name that was chosen, or recorded on import, is obeyed; only the import repeats its warning', () => {
    const source = 'resnetblur18.pth';
    const chosen = read('torchvision/resnet18', { source, architecture: 'torchvision/resnet18' });
    assert.deepEqual([chosen.id, chosen.notes], ['torchvision/resnet18', []]);
    assert.match(
      chosen.readAs,
      /^Read as torchvision\/resnet18, as requested\. .*timm\/resnetblur18 \(blurs/,
    );
    const recorded = { source, architecture: 'timm/resnetblur18', architectureBy: 'import' } as const;
    const imported = read('torchvision/resnet18', recorded);
    assert.match(imported.readAs, /^Read as timm\/resnetblur18, as it was imported\./);
    assert.match(imported.notes.join(), /suggests/);
    const other = { ...recorded, architecture: 'torchvision/resnet18' };
    assert.deepEqual(read('torchvision/resnet18', other).notes, []);
  });

  test('timm’s name of a ResNet is torchvision’s network', () => {
    const { id } = read('torchvision/resnet50', { source: 'x.pth', architecture: 'timm/resnet50' });
    assert.equal(id, 'torchvision/resnet50');
  });

  test('a twin of another network’s shapes is refused as that network would be', () => {
    assert.throws(
      () => read('torchvision/resnet18', { source: 'x.pth', architecture: 'timm/resnetblur50' }),
      (error: unknown) =>
        error instanceof LensError && /closest to torchvision\/resnet50/.test(error.message),
    );
  });

  for (const { id, of, architecture } of twins)
    if (architecture === null && /(50|b0)(?!\d)/.test(of))
      test(`${id} is refused by name`, () => {
        assert.throws(
          () => read(of, { source: 'weights.pth', architecture: id }),
          (error: unknown) => {
            assert.ok(error instanceof LensError);
            assert.equal(error.kind, 'model');
            assert.ok(
              error.message.startsWith(`weights.pth: ${id} was requested, which Inference Lens cannot build`),
            );
            assert.match(error.fix ?? '', /ONNX/);
            return true;
          },
        );
        const { readAs, twins: others } = read(of, { source: 'weights.pth' });
        assert.match(readAs, new RegExp(`${id.replaceAll('+', '\\+')} \\([^)]*not built here\\)`));
        assert.ok(!others.includes(id));
      });
});

describe('DeepfakeBench', () => {
  const bench = (known: string, prefix: string, head: string) =>
    stateDictOf(
      renamed(savedShapes(known), (name) => (name.startsWith('_fc.') ? head + name.slice(3) : prefix + name)),
    );
  const source = 'effnb4_best.pth';

  for (const known of ['efficientnet_pytorch/b0', 'efficientnet_pytorch/b4', 'efficientnet_pytorch/b7'])
    test(`${known}: its names tell its stem`, () => {
      for (const wrapper of ['', 'module.']) {
        const file = bench(known, `${wrapper}backbone.efficientnet.`, `${wrapper}backbone.last_layer`);
        const { id, notes, readAs } = recognize(file, { source });
        assert.equal(id, `${known}+unpadded_stem`);
        assert.match(
          notes.join(),
          /backbone\.efficientnet\.\* and .*backbone\.last_layer are DeepfakeBench's/,
        );
        assert.match(readAs, /by its names, which are DeepfakeBench/);
        assert.equal(recognize(file, { source, architecture: known }).id, known);
      }
    });

  test('other layouts keep the library’s stem', () => {
    for (const [prefix, head] of [
      ['efficientnet.', 'classifier'],
      ['backbone.efficientnet.', 'backbone.classifier'],
      ['backbone.', 'last_layer'],
      ['net.', 'net._fc'],
    ] as const) {
      const { id } = recognize(bench('efficientnet_pytorch/b0', prefix, head), { source: 'x.pth' });
      assert.equal(id, 'efficientnet_pytorch/b0', `${prefix} ${head}`);
    }
  });
});

test('the choice that is offered exists at both doors', () => {
  const { notes } = read('torchvision/resnet18', { source: 'resnetblur18.pth' });
  const [, option = ''] = /(--[a-z-]+) on the command line/.exec(notes[0] ?? '') ?? [];
  assert.ok(option !== '' && help.includes(option));
  const [, title = ''] = /the setting “Inference Lens: (\w+)”/.exec(notes[0] ?? '') ?? [];
  const manifest = readFileSync(join(projectRoot(), 'package.json'), 'utf8');
  assert.ok(manifest.includes(`"inferenceLens.${title.toLowerCase()}"`), title);
});
