/** No network is given another's labels and preprocessing without a word. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { borrowed, choosePipeline, requireFit } from '../../../server/src/pipeline/choose-pipeline';
import { readRecipe } from '../../../server/src/pipeline/recipe';
import type { Weights } from '../../../server/src/pipeline/network/weights';
import { ModelStore } from '../../../server/src/store/store';
import { temporaryFolder } from '../../support/temp';

const store = new ModelStore(join(temporaryFolder('choose-pipeline'), 'store'));

const weightsOf = (architecture: string): Weights =>
  ({ name: 'mine.pth', untrained: false, architecture: () => Promise.resolve(architecture) }) as Weights;

const choose = (pipeline: string | null, architecture: string, weights: string | null = 'mine.pth') =>
  choosePipeline({ pipeline, weights, architecture: null, stateDict: null }, store, () =>
    Promise.resolve(weightsOf(architecture)),
  );

const about = (architecture: string, classes: number, side = 224, channels = 3) => ({
  architecture,
  classes,
  inputShape: [1, channels, side, side],
});

describe('not asked for', () => {
  test("FSBI's own network goes through FSBI's", async () => {
    const { recipe } = await choose(null, 'efficientnet_pytorch/b5');
    assert.equal(recipe.id, 'fsbi');
    assert.equal(borrowed(recipe, about('efficientnet_pytorch/b5', 2, 380)), null);
  });

  for (const other of ['torchvision/resnet50', 'efficientnet_pytorch/b4', 'timm/efficientnet_b5', 'onnx'])
    test(`${other} is refused with the choices`, async () => {
      await assert.rejects(choose(null, other), {
        kind: 'usage',
        message: new RegExp(
          `No pipeline was asked for, and mine\\.pth is .*${other === 'onnx' ? 'ONNX' : other}`,
        ),
        fix: /fsbi .*imagenet .*sbi /,
        remedies: [{ do: 'choose-pipeline' }],
      });
    });

  test('a thousand classes are not real and fake, whatever the network', () => {
    const wide = about('efficientnet_pytorch/b5', 1000, 456);
    assert.throws(() => requireFit(readRecipe('fsbi'), false, wide, weightsOf('efficientnet_pytorch/b5')), {
      kind: 'usage',
      message: /No pipeline was asked for.*efficientnet_pytorch\/b5 with 1000 classes/,
    });
  });

  test('the demo of another architecture is refused as well', async () => {
    const options = { pipeline: null, weights: null, architecture: 'torchvision/resnet18', stateDict: null };
    await assert.rejects(
      choosePipeline(options, store, (look) => look()),
      { kind: 'usage', message: /demo is torchvision\/resnet18/ },
    );
    const own = await choosePipeline({ ...options, architecture: null }, store, (look) => look());
    assert.equal(own.recipe.id, 'fsbi');
  });
});

describe('asked for by name', () => {
  for (const id of ['fsbi', 'sbi', 'imagenet'])
    test(`${id} is obeyed with another network`, async () => {
      const { recipe } = await choose(id, 'torchvision/resnet18');
      assert.equal(recipe.id, id);
    });

  test('with a standing note that names both, unless the pipeline is anyone’s', () => {
    const other = about('torchvision/resnet18', 2);
    assert.equal(
      borrowed(readRecipe('sbi'), other),
      'The pipeline sbi belongs to efficientnet_pytorch/b4; this network is torchvision/resnet18, which takes 224x224 pixels ' +
        "instead of 380x380. How the image is prepared, and the labels real, fake are the pipeline's, as asked for.",
    );
    assert.equal(borrowed(readRecipe('imagenet'), other), null);
    assert.match(
      borrowed(readRecipe('fsbi'), about('onnx', 2, 380)) ?? '',
      /an ONNX file of no known architecture\./,
    );
  });

  const refuse = (id: string, network: ReturnType<typeof about>) => () =>
    requireFit(readRecipe(id), true, network, weightsOf(network.architecture));

  test('where the classes do not fit it is refused, both named', () => {
    assert.throws(refuse('sbi', about('torchvision/resnet50', 1000)), {
      kind: 'usage',
      message:
        'The pipeline sbi names 2 classes (real, fake); mine.pth (torchvision/resnet50) has 1000 classes.',
    });
    assert.throws(refuse('fsbi', about('onnx', 3)), /2 classes .* has 3 classes/);
    refuse('imagenet', about('torchvision/resnet50', 1000))();
    refuse('sbi', about('onnx', 2, 64))(); // one logit is two classes
  });

  test('where the channels do not fit as well', () => {
    assert.throws(refuse('imagenet', about('onnx', 10, 28, 4)), {
      kind: 'usage',
      message: 'The pipeline imagenet gives 3 channels; mine.pth (onnx) takes 4.',
    });
  });
});
