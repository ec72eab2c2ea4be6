/** Lenses, pipelines and values that were requested: obeyed, or refused where they do not fit the network. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { chooseLens } from '../../../server/src/pipeline/choose-lens';
import type { StoredModel } from '../../../server/src/store/entry';
import { ModelStore } from '../../../server/src/store/store';

import {
  fitted,
  folder,
  store,
  weightsOf,
  nothing,
  choose,
  onnx,
  written,
  type Network,
} from '../../support/lens-choice';

describe('requested', () => {
  for (const option of ['lens', 'pipeline'] as const) {
    test(`as ${option}: obeyed with another network, with a standing note that names both`, async () => {
      const other: Network = { architecture: 'torchvision/resnet18', side: 380 };
      const sbi = await fitted(other, { [option]: 'sbi' });
      assert.match(
        sbi.borrowed ?? '',
        new RegExp(
          `^The ${option} sbi belongs to efficientnet_pytorch/b4; this network is torchvision/resnet18\\. How .* are the ${option}'s`,
        ),
      );
      assert.equal((await fitted(other, { [option]: 'imagenet' })).borrowed, null);
    });
  }

  const refused: readonly (readonly [string, Network, object, RegExp])[] = [
    [
      'classes',
      onnx,
      { labels: ['a', 'b'] },
      /The lens .*x\.lens\.json names 2 classes \(a, b\); mine\.pth \(onnx\) has 3 classes/,
    ],
    ['size', onnx, { input: { size: 224 } }, /gives 224x224 pixels \(WxH\); mine\.pth \(onnx\) takes 64x64/],
    ['layout', onnx, { input: { layout: 'NHWC' } }, /says the input is NHWC; mine\.pth \(onnx\) takes NCHW/],
    ['type', onnx, { input: { type: 'uint8' } }, /says the input is uint8; mine\.pth \(onnx\) takes float32/],
    [
      'output',
      onnx,
      { output: { name: 'logits' } },
      /reads the output "logits"; mine\.pth \(onnx\) has y, z/,
    ],
  ];
  for (const [what, network, lens, message] of refused)
    test(`a lens whose ${what} the network proves to be otherwise is refused, both named`, async () => {
      const path = written('x.lens.json', lens);
      await assert.rejects(
        fitted(network, { lens: path }),
        (error: Error & { kind?: string; fix?: string }) => {
          assert.equal(error.kind, 'usage');
          assert.match(error.message, message);
          assert.match(error.fix ?? '', /x\.lens\.json:1:\d+/);
          return true;
        },
      );
    });

  test('a pipeline gives the picture at the size of the network, a lens does not', async () => {
    assert.deepEqual((await fitted({ ...onnx, classes: 2 }, { pipeline: 'sbi' })).labels, ['real', 'fake']);
    await assert.rejects(fitted({ ...onnx, classes: 2 }, { lens: 'sbi' }), /gives 380x380 .* takes 64x64/);
  });

  test('a lens that is none, and names that do not exist', async () => {
    await assert.rejects(choose(onnx, { lens: 'imagnet' }), { fix: /Did you mean "imagenet"\?/ });
    await assert.rejects(choose(onnx, { pipeline: 'x' }), { message: 'There is no pipeline "x".' });
    await assert.rejects(
      choose(onnx, { lens: join(folder, 'gone.lens.json') }),
      /expected a lens, found no file there/,
    );
  });

  test('a network that is named without weights is refused where none are in the store', async () => {
    const at = (asked: object) =>
      chooseLens({ ...nothing, weights: null, ...asked }, store, (look) => look());
    for (const [asked, subject] of [
      [{ lens: 'fsbi' }, 'lens fsbi'],
      [{ pipeline: 'sbi' }, 'pipeline sbi'],
      [{ architecture: 'torchvision/resnet18' }, 'architecture torchvision/resnet18'],
    ] as const)
      await assert.rejects(at(asked), {
        message: new RegExp(`^The ${subject} has no weights of its own`),
        code: 'no-weights',
      });
  });

  test('the demo of another architecture is prepared as that is', async () => {
    const options = { ...nothing, weights: 'demo', architecture: 'torchvision/resnet18' };
    const chosen = await chooseLens(options, store, (look) => look());
    assert.equal(chosen.id, 'torchvision');
  });

  test('where nobody says anything, the network that ships, with its own lens', async () => {
    const options = { ...nothing, weights: null };
    const chosen = await chooseLens(options, store, (look) => look());
    assert.deepEqual([chosen.id, chosen.weights.reference], ['mobilenet_v2', 'mobilenet_v2']);
    assert.deepEqual([chosen.plan.size, chosen.weights.untrained], [[224, 224], false]);
    const named = await chooseLens({ ...nothing, weights: null, lens: 'mobilenet_v2' }, store, (look) =>
      look(),
    );
    assert.deepEqual([named.id, named.weights.reference], ['mobilenet_v2', 'mobilenet_v2']);
    const demo = await chooseLens({ ...nothing, weights: 'demo' }, store, (look) => look());
    assert.deepEqual([demo.id, demo.weights.untrained], ['fsbi', true]);
  });

  test('FSBI’s weights, once they are in the store, before the network that ships', async () => {
    const stocked = new ModelStore(join(folder, 'stocked'));
    const fsbi = { id: 'fsbi', task: 'classifier', architecture: 'efficientnet_pytorch/b5', files: [] };
    stocked.find = (id) => Promise.resolve(id === 'fsbi' ? (fsbi as unknown as StoredModel) : null);
    stocked.pathOf = () => join(folder, 'best_model.tar');
    let found = '';
    const chosen = await chooseLens({ ...nothing, weights: null }, stocked, async (look) => {
      found = (await look()).reference;
      return weightsOf({ architecture: 'efficientnet_pytorch/b5', stored: { id: 'fsbi' } });
    });
    assert.deepEqual([found, chosen.id], ['fsbi', 'fsbi']);
  });
});
