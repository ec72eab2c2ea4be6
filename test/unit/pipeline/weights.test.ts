/** Which weights are meant, and when two are the same network: what the cache of prepared networks relies on. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { before, describe, test } from 'node:test';
import { writeModel } from '../../../server/src/onnx/write';
import { prepare } from '../../../server/src/pipeline/network/prepare';
import { readyLens } from '../../support/lens';
import type { Weights } from '../../../server/src/pipeline/network/weights';
import { resolveWeights } from '../../../server/src/pipeline/network/weights';
import { Workbench } from '../../../server/src/pipeline/workbench/workbench';
import { FolderCache } from '../../../server/src/system/cache';
import type { Provider } from '../../../server/src/runtime/session';
import { ModelStore } from '../../../server/src/store/store';
import { smallClassifier } from '../../support/small-classifier';
import { temporaryFolder } from '../../support/temp';

const folder = temporaryFolder('weights');
const store = new ModelStore(join(folder, 'store'));
const recipe = readyLens('imagenet');
const small = join(folder, 'small.onnx');
const resolved = (weights: string | null, architecture: string | null = null): Promise<Weights> =>
  resolveWeights({ weights, architecture, stateDict: null }, recipe, store);
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
      fix: 'The store holds mine.',
      remedies: [{ do: 'import-file' }],
    });
  });

  test('untrained weights only as `demo`: a network without trained ones asks for some', async () => {
    await assert.rejects(resolved(null), {
      kind: 'usage',
      remedies: [{ do: 'choose-weights' }],
    });
    const nothing = { weights: null, architecture: null, stateDict: null };
    await assert.rejects(resolveWeights(nothing, readyLens('sbi'), store), {
      ...{ kind: 'usage', code: 'no-weights' },
      message:
        /no weights of its own, and no model "sbi" is in the store: efficientnet_pytorch\/b4 would be untrained/,
      remedies: [{ do: 'import-file' }, { do: 'choose-weights' }, { do: 'demo-weights' }],
    });
    await assert.rejects(resolved(null, 'torchvision/resnet18'), { kind: 'usage', code: 'no-weights' });
    const demo = await resolveWeights({ ...nothing, weights: 'demo' }, readyLens('sbi'), store);
    assert.deepEqual([demo.name, demo.path, demo.untrained, await demo.sha256()], ['demo', null, true, null]);
  });

  test('an architecture by hand: not for ONNX, not one that is unknown, not lost with an id', async () => {
    for (const weights of [small, 'mine'])
      await assert.rejects(
        async () => (await resolved(weights, 'torchvision/resnet18')).load({ inputSize: null }),
        {
          kind: 'usage',
          message: /has an architecture of its own/,
        },
      );
    await assert.rejects(resolved(null, 'torchvision/resnet19'), {
      kind: 'usage',
      fix: /torchvision\/resnet18/,
    });
  });

  test('demo weights of a pipeline that names no classes have ImageNet’s thousand', async () => {
    const network = await (await resolved('demo', 'torchvision/resnet18')).load({ inputSize: [32, 32] });
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
    const [earlier, was] = [await identity(path), await resolved(path)];
    const [own, [data, ...more]] = [await was.sha256(), await was.beside()];
    assert.deepEqual([data?.length, more], [64, []]);
    assert.equal(await identity(path), earlier);
    appendFileSync(`${path}.data`, Buffer.alloc(4));
    assert.notEqual(await identity(path), earlier);
    const is = await resolved(path);
    assert.equal(await is.sha256(), own);
    assert.notDeepEqual(await is.beside(), [data]);
    assert.deepEqual(await (await resolved(small)).beside(), []);
  });
});

describe('a file that changes', () => {
  const path = join(folder, 'changing.onnx');
  const rows: readonly (readonly [string, () => Promise<void> | void])[] = [
    ['its content', () => writeModel(smallClassifier({ spoil: 2 }), path, { externalOver: 1024 })],
    ['what lies beside it', () => appendFileSync(`${path}.data`, Buffer.alloc(4))],
  ];
  for (const [what, change] of rows) {
    test(`between asking and loading, ${what}: never the numbers of one under the hash of the other`, async () => {
      await writeModel(smallClassifier(), path, { externalOver: 1024 });
      const weights = await resolved(path);
      const asked = [await weights.identity(), await weights.sha256()];
      assert.equal(await weights.change(), null);
      assert.ok(await weights.load({ inputSize: null }));
      await change();
      assert.equal(await weights.change(), 'has changed since');
      await assert.rejects(weights.load({ inputSize: null }), {
        kind: 'model',
        message:
          /changing\.onnx changed while it was being read: expected sha256 [0-9a-f]{64}, found [0-9a-f]{64}\./,
        fix: /analyze again/,
      });
      assert.deepEqual([await weights.identity(), await weights.sha256()], asked, 'what was said stays');
    });
  }

  test('a damaged copy in the store is not taken for what its record says', async () => {
    const damaged = new ModelStore(join(folder, 'damaged-store'));
    const model = await damaged.import(small, { id: 'hurt' });
    await writeModel(smallClassifier({ spoil: 2 }), damaged.pathOf(model));
    const weights = await resolveWeights(
      { weights: 'hurt', architecture: null, stateDict: null },
      recipe,
      damaged,
    );
    await assert.rejects(weights.load({ inputSize: null }), {
      kind: 'model',
      fix: /copy in the store is damaged: import/,
    });
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
    const graphs = new FolderCache(join(root, 'graphs'));
    const find = async () => prepare(await resolved(small), options, graphs, { provider: 'cpu' });
    const { modelPath } = await find();
    const entry = dirname(modelPath);
    writeFileSync(modelPath, 'no model');
    assert.deepEqual(await run(), logits);
    assert.deepEqual(readdirSync(entry).sort(), [
      'about.json',
      basename(modelPath),
      'optimized.onnx.data',
      'seal.json',
    ]);

    // With a seal that fits, so that nobody but the runtime can refuse it.
    writeFileSync(modelPath, 'no model');
    const seal = JSON.parse(readFileSync(join(entry, 'seal.json'), 'utf8')) as { graph: object };
    const graph = { bytes: 8, sha256: createHash('sha256').update('no model').digest('hex') };
    writeFileSync(join(entry, 'seal.json'), JSON.stringify({ ...seal, graph }));
    assert.equal((await find()).modelPath, modelPath);
    assert.equal(readFileSync(modelPath, 'utf8'), 'no model', 'the entry passes for a good one');
    assert.deepEqual(await run(), logits);
  });

  test('each kind of device has its entry, all but the CPU that of the graph as it was built', async () => {
    const cache = new FolderCache(join(folder, 'devices'));
    const on = async (provider: Provider) => prepare(await resolved(small), options, cache, { provider });
    const [cpu, cuda, webgpu] = [await on('cpu'), await on('cuda'), await on('webgpu')];
    assert.equal(new Set([cpu.key, cuda.key, webgpu.key]).size, 3);
    assert.deepEqual([cpu.optimization, cuda.optimization], ['disabled', 'all']);
    // Each graph holds other tensors on the way, and gives its results in other ones.
    const [onCpu, onCuda, onWebgpu] = [cpu, cuda, webgpu].map(({ about }) => {
      const layers = about.explain.outputs.layers.map(({ name, shape, methods }) => ({
        name,
        shape,
        methods,
      }));
      return { ...about, memory: null, explain: layers };
    });
    assert.deepEqual([onCuda, onWebgpu], [onCpu, onCpu]);
  });

  test('warming up loads what is requested next, and nothing that would have to be made', async () => {
    const root = join(folder, 'warm');
    const placement = { provider: 'cpu', threads: 1 } as const;
    const bench = new Workbench(root);
    await bench.warmUp(await resolved(small), options, placement);
    assert.ok(!existsSync(join(root, 'graphs')));
    const classifier = await bench.classifier(await resolved(small), options, placement);
    await bench.cool();
    const [, again, same] = await Promise.all([
      bench.warmUp(await resolved(small), options, placement),
      bench.classifier(await resolved(small), options, placement),
      bench.classifier(await resolved(small), options, placement),
    ]);
    assert.notEqual(again, classifier);
    assert.equal(again, same);
    await bench.warmUp(await resolved(small), { ...options, methods: ['hirescam'] }, placement);
    assert.equal(await bench.classifier(await resolved(small), options, placement), again, 'still warm');
    await bench.dispose();
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
