/** Which weights are meant, and when two are the same network: what the cache of prepared networks relies on. */
import assert from 'node:assert/strict';
import { appendFileSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { writeModel } from '../../../server/src/onnx/write';
import { prepare } from '../../../server/src/pipeline/prepare';
import { readRecipe } from '../../../server/src/pipeline/recipe';
import type { Weights } from '../../../server/src/pipeline/weights';
import { resolveWeights } from '../../../server/src/pipeline/weights';
import { Workbench } from '../../../server/src/pipeline/workbench';
import { FolderCache } from '../../../server/src/runtime/cache';
import { ModelStore } from '../../../server/src/store/store';
import { smallClassifier } from '../../support/small-classifier';
import { temporaryFolder } from '../../support/temp';

const folder = temporaryFolder('weights');
const store = new ModelStore(join(folder, 'store'));
const recipe = readRecipe('imagenet');
const small = join(folder, 'small.onnx');
const resolved = (weights: string | null, architecture: string | null = null): Promise<Weights> =>
  resolveWeights({ weights, architecture }, recipe, store);
const identity = async (weights: string, architecture: string | null = null): Promise<string> =>
  (await resolved(weights, architecture)).identity();

before(async () => {
  await writeModel(smallClassifier(), small);
  await store.import(small, { id: 'mine' });
});

describe('which weights', () => {
  test('an id of the store goes before a file of that name', async () => {
    const { name, path, untrained } = await resolved('mine');
    assert.deepEqual([name, untrained], ['mine', false]);
    assert.ok(path?.startsWith(store.root));
  });

  test('a path', async () => {
    assert.equal((await resolved(small)).path, small);
  });

  test('neither', async () => {
    await assert.rejects(resolved('absent.pth'), {
      kind: 'model',
      message: /no file .*absent\.pth and no model "absent\.pth"/,
      fix: /The store holds mine; import a file/,
    });
  });

  test('a pipeline without demo weights asks for some; with them it takes them', async () => {
    await assert.rejects(resolved(null), { kind: 'usage', fix: /--weights/ });
    const demo = await resolveWeights({ weights: null, architecture: null }, readRecipe('sbi'), store);
    assert.deepEqual([demo.name, demo.path, demo.untrained, await demo.sha256()], ['demo', null, true, null]);
  });

  test('an architecture by hand: not for ONNX, not one that is unknown, not lost with an id', async () => {
    for (const weights of [small, 'mine'])
      await assert.rejects(async () => (await resolved(weights, 'torchvision/resnet18')).load(null), {
        kind: 'usage',
        message: /brings its own architecture/,
      });
    await assert.rejects(resolved(null, 'torchvision/resnet19'), {
      kind: 'usage',
      fix: /torchvision\/resnet18/,
    });
  });

  test('demo weights of a pipeline that names no classes have ImageNet’s thousand', async () => {
    const network = await (await resolved(null, 'torchvision/resnet18')).load(32);
    assert.equal(network.classes, 1000);
  });

  test('a folder is no weights', async () => {
    const place = join(folder, 'place.pth');
    mkdirSync(place);
    await assert.rejects((await resolved(place)).sha256(), { kind: 'model', message: /found a folder/ });
  });
});

describe('identity', () => {
  test('the same file is the same, another name or architecture is not', async () => {
    const copy = join(folder, 'tf_copy.onnx');
    copyFileSync(small, copy);
    assert.equal(await identity(small), await identity(small));
    assert.notEqual(await identity(small), await identity(copy));
    assert.notEqual(await identity(small), await identity(small, 'timm/efficientnet_b0'));
    assert.equal(await (await resolved(small)).sha256(), await (await resolved(copy)).sha256());
  });

  test('weights beside an ONNX file belong to it', async () => {
    const path = join(folder, 'outside.onnx');
    await writeModel(smallClassifier(), path, { externalOver: 1024 });
    const earlier = await identity(path);
    assert.equal(await identity(path), earlier);
    appendFileSync(`${path}.data`, Buffer.alloc(4));
    assert.notEqual(await identity(path), earlier);
  });
});

describe('prepared networks', () => {
  const options = { inputSize: null, methods: ['gradcam'] } as const;

  test('are made once, and again where the file, the methods or the cache changed', async () => {
    const cache = new FolderCache(join(folder, 'graphs'));
    const first = await prepare(await resolved(small), options, cache);
    assert.deepEqual(first.about.inputShape, [1, 3, 64, 64]);
    assert.deepEqual(await prepare(await resolved(small), options, cache), first);
    const others = await prepare(await resolved(small), { ...options, methods: ['hirescam'] }, cache);
    assert.notEqual(others.key, first.key);
  });

  test('a damaged entry is made again', async () => {
    const cache = new FolderCache(join(folder, 'damaged'));
    const first = await prepare(await resolved(small), options, cache);
    writeFileSync(join(first.modelPath, '..', 'about.json'), '{');
    assert.deepEqual(await prepare(await resolved(small), options, cache), first);
  });

  test('so is one that the runtime does not take', async () => {
    const root = join(folder, 'bench');
    const run = async (): Promise<unknown> => {
      const bench = new Workbench(root);
      try {
        const placement = { provider: 'cpu', threads: 1 } as const;
        const classifier = await bench.classifier(await resolved(small), options, placement);
        const image = { type: 'float32', dims: [1, 3, 64, 64], data: new Float32Array(3 * 64 * 64) } as const;
        return (await classifier.explain(image, 0)).logits;
      } finally {
        await bench.dispose();
      }
    };
    const logits = await run();
    const { modelPath } = await prepare(
      await resolved(small),
      options,
      new FolderCache(join(root, 'graphs')),
    );
    writeFileSync(modelPath, 'no model');
    assert.deepEqual(await run(), logits);
  });

  test('a cancelled preparation leaves nothing', async () => {
    const cache = new FolderCache(join(folder, 'cancelled'));
    const signal = AbortSignal.abort();
    await assert.rejects(prepare(await resolved(small), { ...options, signal }, cache), {
      kind: 'cancelled',
    });
    assert.equal(await cache.size(), 0);
  });
});
