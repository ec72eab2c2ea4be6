/** No network is given another's labels and preprocessing silently; each value says who said it. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';

import { fitted, folder, aboutOf, choose, value, stepsOf, onnx, written } from '../../support/lens-choice';

describe('not requested', () => {
  test("FSBI's own network goes through FSBI's, and says so", async () => {
    const chosen = await choose({ architecture: 'efficientnet_pytorch/b5' });
    assert.equal(chosen.id, 'fsbi');
    assert.deepEqual(chosen.plan.size, [380, 380]);
    assert.equal(chosen.early.detector, 'auto');
    const lens = await chosen.resolve(aboutOf({ architecture: 'efficientnet_pytorch/b5', side: 380 }));
    assert.deepEqual([lens.report.name, lens.labels, lens.target], ['fsbi', ['real', 'fake'], 'fake']);
    assert.deepEqual(stepsOf(lens), ['resize', 'rescale', 'wavelet', 'channels']);
    assert.equal(value(lens, 'labels')?.origin, 'architecture');
    assert.equal(lens.borrowed, null);
  });

  test('the same network with a thousand classes is not FSBI’s', async () => {
    const lens = await fitted({ architecture: 'efficientnet_pytorch/b5', classes: 1000, side: 456 });
    assert.deepEqual(lens.labels, []);
    assert.ok(!stepsOf(lens).includes('wavelet'));
    assert.equal(lens.detector, 'none');
    assert.equal(value(lens, 'preprocess')?.origin, 'guess');
    assert.match(value(lens, 'preprocess')?.others?.join() ?? '', /advprop/);
  });

  for (const architecture of [
    'torchvision/resnet50',
    'efficientnet_pytorch/b4',
    'timm/efficientnet_b5',
    'onnx',
    'unknown/net',
  ])
    test(`${architecture}: neither labels nor wavelet of FSBI, no face stage, and a guess that names the others`, async () => {
      const lens = await fitted({ architecture, classes: 2 });
      assert.notEqual(lens.report.name, 'fsbi');
      assert.deepEqual(lens.labels, []);
      assert.ok(!stepsOf(lens).includes('wavelet'));
      assert.equal(lens.detector, 'none');
      const steps = value(lens, 'preprocess');
      assert.equal(steps?.origin, 'guess');
      assert.ok((steps.others?.length ?? 0) > 0);
    });

  test("torchvision's weights by their checksum: the preset of that version, no guess", async () => {
    const v2 = await fitted({
      architecture: 'torchvision/resnet50',
      classes: 1000,
      sha256: `11ad3fa6${'0'.repeat(56)}`,
    });
    assert.deepEqual(value(v2, 'preprocess')?.value, [
      { step: 'resize', size: 232, fit: 'shorter', filter: 'bilinear', like: 'pillow' },
      { step: 'crop', size: 224, at: 'center' },
      { step: 'rescale' },
      { step: 'normalize', mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
    ]);
    assert.equal(value(v2, 'preprocess')?.origin, 'architecture');
    assert.match(value(v2, 'preprocess')?.detail ?? '', /IMAGENET1K_V2, by the file's checksum/);
    const v1 = await fitted({
      architecture: 'torchvision/resnet50',
      classes: 1000,
      sha256: `0676ba61${'0'.repeat(56)}`,
    });
    assert.equal(v1.preprocess[0]?.step === 'resize' && v1.preprocess[0].size, 256);
    const either = await fitted({
      architecture: 'torchvision/resnet50',
      classes: 1000,
      sha256: 'f'.repeat(64),
    });
    assert.equal(value(either, 'preprocess')?.origin, 'guess');
    assert.match(value(either, 'preprocess')?.others?.join() ?? '', /IMAGENET1K_V2: 224 of 232/);
  });

  test('what the graph proves: gray, and values that it normalizes itself', async () => {
    const gray = await fitted({ ...onnx, channels: 1, side: 28 });
    assert.deepEqual(stepsOf(gray).toSorted(), ['channels', 'rescale', 'resize']);
    const bytes = await fitted({ ...onnx, normalizes: 'bytes' });
    assert.deepEqual(stepsOf(bytes), ['resize']);
    assert.deepEqual(bytes.range, [0, 255]);
    assert.match(bytes.notes.join(), /normalizes "x" itself/);
    const unit = await fitted({ ...onnx, normalizes: 'unit' });
    assert.deepEqual(stepsOf(unit), ['resize', 'rescale']);
    assert.equal(value(unit, 'input.size')?.origin, 'graph');
  });
});

describe('precedence, value by value', () => {
  const place = join(folder, 'models');
  mkdirSync(place, { recursive: true });
  const path = join(place, 'best.onnx');
  writeFileSync(path, '');
  writeFileSync(join(place, 'labels.txt'), 'file a\nfile b\nfile c\n');
  const metadata = { names: "{0: 'meta a', 1: 'meta b', 2: 'meta c'}" };
  const given = written('given.lens.json', { labels: ['given a', 'given b', 'given c'] });

  test('files beside the model, then metadata over them, then the lens beside, then the one given, then options', async () => {
    const files = await fitted({ ...onnx, path });
    assert.deepEqual([files.labels[0], value(files, 'labels')?.origin], ['file a', 'files']);
    assert.equal(value(files, 'labels')?.detail, join(place, 'labels.txt'));
    const inside = await fitted({ ...onnx, path, metadata });
    assert.deepEqual([inside.labels[0], value(inside, 'labels')?.origin], ['meta a', 'metadata']);
    writeFileSync(
      join(place, 'best.lens.json'),
      '{"labels": ["own a", "own b", "own c"], "target": "own b"}',
    );
    const beside = await fitted({ ...onnx, path, metadata });
    assert.deepEqual(
      [beside.labels[0], value(beside, 'labels')?.origin, beside.report.name],
      ['own a', 'beside', 'best'],
    );
    const named = await fitted({ ...onnx, path, metadata }, { lens: given });
    assert.deepEqual([named.labels[0], value(named, 'labels')?.origin], ['given a', 'lens']);
    assert.deepEqual([named.report.name, named.report.path], ['given', given]);
    assert.equal(
      value(named, 'labels')?.detail,
      [
        `${given}:1:11`,
        `not taken: own a, own b, own c, at ${join(place, 'best.lens.json')}:1:12`,
        'not taken: meta a, meta b, meta c, at names in the metadata of mine.pth',
        `not taken: file a, file b, file c, at ${join(place, 'labels.txt')}`,
      ].join('; '),
      'who else named the classes, and how',
    );
    assert.deepEqual(
      [named.target, value(named, 'target')?.origin],
      ['own b', 'beside'],
      'what it leaves out, the next one says',
    );
    const asked = await fitted(
      { ...onnx, path, metadata },
      { lens: given, target: '2', methods: ['layercam'] },
    );
    assert.deepEqual(
      [asked.target, value(asked, 'target')?.origin, asked.methods],
      ['2', 'option', ['layercam']],
    );
  });

  test('in a folder that is not trusted nothing is read that nobody named, with a note', async () => {
    const lens = await fitted({ ...onnx, path }, {}, { trusted: false });
    assert.deepEqual(lens.labels, []);
    assert.deepEqual(
      lens.passedOver,
      ['best.lens.json', 'labels.txt'].map((name) => ({ file: join(place, name), why: null })),
    );
  });

  test('the lens of the store; an id that is a lens’s name is that lens', async () => {
    const own = await fitted({
      ...onnx,
      stored: { id: 'x', architecture: 'onnx', lens: '{"labels": ["s", "t", "u"]}' },
    });
    assert.deepEqual([own.labels[0], value(own, 'labels')?.origin], ['s', 'store']);
    const b4 = 'efficientnet_pytorch/b4';
    const sbi = await fitted({ architecture: b4, side: 380, stored: { id: 'sbi', architecture: b4 } });
    assert.deepEqual([sbi.report.name, sbi.crop, sbi.detector], ['sbi', 'sbi', 'auto']);
  });

  test('steps bring their face stage and range with them', async () => {
    const steps = written('steps.lens.json', { preprocess: [{ step: 'resize' }, { step: 'rescale' }] });
    const lens = await fitted({ architecture: 'efficientnet_pytorch/b5', side: 380 }, { lens: steps });
    assert.deepEqual([lens.detector, lens.range], ['none', null]);
    assert.deepEqual(lens.labels, ['real', 'fake'], 'the labels are still FSBI’s');
  });
});
