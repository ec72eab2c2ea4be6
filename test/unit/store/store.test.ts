/** The model store on disk: nothing half-written, nothing lost, everything that is broken named. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import type { LensError } from '../../../server/src/errors';
import { writeModel } from '../../../server/src/onnx/write';
import { ownedName } from '../../../files/owner';
import { cardOfFile, readCards } from '../../../server/src/store/card';
import { checkId, idFromFileName } from '../../../server/src/store/entry';
import { ModelStore } from '../../../server/src/store/store';
import { smallClassifier } from '../../support/small-classifier';
import { smallCheckpoint } from '../../support/small-checkpoint';
import { writeShards } from '../../support/shards';
import { temporaryFolder } from '../../support/temp';

const folder = temporaryFolder('store');
const small = join(folder, 'small.onnx');
const other = join(folder, 'other.onnx');
let count = 0;
const freshStore = (): ModelStore => new ModelStore(join(folder, `store-${++count}`));
const hashOf = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');

/** Files anywhere in the store, relative to it. */
const filesOf = ({ root }: ModelStore): readonly string[] =>
  existsSync(root)
    ? readdirSync(root, { recursive: true, encoding: 'utf8' })
        .filter((name) => statSync(join(root, name)).isFile())
        .sort()
    : [];

before(async () => {
  await writeModel(smallClassifier(), small);
  await writeModel(smallClassifier({ spoil: 0.5 }), other);
});

describe('weights of several files', () => {
  const parts = join(folder, 'parts');
  const onnx = join(folder, 'external', 'net.onnx');
  let names: readonly string[] = [];

  before(async () => {
    mkdirSync(parts);
    mkdirSync(join(folder, 'external'));
    names = writeShards(folder, parts);
    await writeModel(smallClassifier(), onnx, { externalOver: 200 });
  });

  for (const given of ['model.safetensors.index.json', 'model-00002-of-00002.safetensors', '.'])
    test(`${given}: index and parts are one entry`, async () => {
      const store = freshStore();
      const model = await store.import(join(parts, given), { id: 'mine' });
      assert.deepEqual(
        model.files.map(({ name }) => name),
        names,
      );
      assert.equal(model.format, 'safetensors');
      assert.equal(model.architecture, 'efficientnet_pytorch/b0');
      assert.equal(
        model.bytes,
        names.reduce((sum, name) => sum + statSync(join(parts, name)).size, 0),
      );
      const place = join(store.pathOf(model), '..');
      for (const { name, sha256 } of model.files) assert.equal(hashOf(join(place, name)), sha256);
      assert.deepEqual(await store.verify('mine'), model);
      assert.deepEqual(await store.list(), [model]);
      assert.equal(filesOf(store).length, names.length + 1);
      assert.deepEqual(await store.import(join(parts, given), { id: 'mine' }), model);
      await store.remove('mine');
      assert.deepEqual(filesOf(store), []);
    });

  test('an ONNX file and the data beside it', async () => {
    const store = freshStore();
    const model = await store.import(onnx);
    assert.deepEqual(
      model.files.map(({ name }) => name),
      ['net.onnx', 'net.onnx.data'],
    );
    assert.equal((await store.verify('net')).parameters, 669);
    const data = join(store.pathOf(model), '..', 'net.onnx.data');
    const bytes = readFileSync(data);
    bytes[0] = 1 ^ (bytes[0] ?? 0);
    writeFileSync(data, bytes);
    await assert.rejects(store.verify('net'), /net\.onnx\.data: expected sha256/);
    assert.deepEqual((await store.import(onnx)).files, model.files);
    assert.ok(await store.verify('net'), 'importing again mends it');
    rmSync(data);
    await assert.rejects(store.find('net'), /net\.onnx\.data: expected the weights of "net", found no file/);
  });

  test('the same parts under another name of one of them are another entry', async () => {
    const store = freshStore();
    const first = await store.import(join(parts, '.'), { id: 'a' });
    const second = await store.import(join(parts, '.'), { id: 'b' });
    assert.equal(store.pathOf(first), store.pathOf(second));
    await store.remove('a');
    assert.deepEqual(await store.verify('b'), second);
  });

  test('weights without a record go with the next import once they are a day old; others stay', async () => {
    const store = freshStore();
    const kept = await store.import(small, { id: 'kept' });
    const dead = join(store.root, 'blobs', 'ab'.repeat(32));
    const fresh = join(store.root, 'blobs', 'cd'.repeat(32));
    for (const path of [dead, fresh]) mkdirSync(path);
    const yesterday = Date.now() / 1000 - 90_000;
    for (const path of [dead, join(store.pathOf(kept), '..')]) utimesSync(path, yesterday, yesterday);
    await store.import(other, { id: 'other' });
    assert.deepEqual([existsSync(dead), existsSync(fresh)], [false, true]);
    assert.deepEqual(await store.verify('kept'), kept);
  });

  test('records of one file that were written without a version are read as they were', async () => {
    const store = freshStore();
    const model = await store.import(small, { id: 'mine' });
    const path = join(store.root, 'models', 'mine.json');
    const { version, files, ...old } = JSON.parse(readFileSync(path, 'utf8')) as typeof model;
    assert.equal(version, 2);
    assert.equal(files.length, 1);
    writeFileSync(path, JSON.stringify(old));
    assert.deepEqual(await store.find('mine'), model);
    assert.deepEqual(await store.verify('mine'), model);
  });

  const bad: readonly (readonly [string, (model: Record<string, unknown>) => unknown])[] = [
    ['a newer version', (m) => (m['version'] = 3)],
    ['no files', (m) => (m['files'] = [])],
    [
      'a file out of the folder',
      (m) =>
        (m['files'] = [...(m['files'] as object[]), { name: '../../x', sha256: 'ab'.repeat(32), bytes: 0 }]),
    ],
    ['a main file that is not the first', (m) => (m['fileName'] = 'other.onnx')],
    ['sizes that do not add up', (m) => (m['bytes'] = 1)],
  ];
  for (const [what, change] of bad)
    test(`a record with ${what} is broken`, async () => {
      const store = freshStore();
      await store.import(small, { id: 'mine' });
      const path = join(store.root, 'models', 'mine.json');
      const record = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
      change(record);
      writeFileSync(path, JSON.stringify(record));
      await assert.rejects(store.find('mine'), /expected the store's record of a model, found/);
    });
});

describe('import', () => {
  test('keeps the file by content and says what it is', async () => {
    const store = freshStore();
    const model = await store.import(small);
    const { importedAt, ...rest } = model;
    assert.deepEqual(rest, {
      version: 2,
      id: 'small',
      sha256: hashOf(small),
      fileName: 'small.onnx',
      bytes: statSync(small).size,
      files: [{ name: 'small.onnx', sha256: hashOf(small), bytes: statSync(small).size }],
      format: 'onnx',
      task: 'classifier',
      architecture: 'onnx',
      // 8*3*3*3 + 6*8*3*3 + 6*3 + 3
      parameters: 669,
      notes: [],
    });
    assert.ok(Math.abs(Date.parse(importedAt) - Date.now()) < 3_600_000);
    assert.deepEqual(readFileSync(store.pathOf(model)), readFileSync(small));
    assert.deepEqual(filesOf(store), [
      join('blobs', model.sha256, 'small.onnx'),
      join('models', 'small.json'),
    ]);
    assert.deepEqual(await store.find('small'), model);
    assert.equal(await store.find('absent'), null);
  });

  test('again changes nothing', async () => {
    const store = freshStore();
    const first = await store.import(small, { id: 'mine' });
    assert.deepEqual(await store.import(small, { id: 'mine' }), first);
    assert.equal(filesOf(store).length, 2);
  });

  test('recognizes a PyTorch checkpoint; a file name alone does not make it a card’s', async () => {
    const store = freshStore();
    const { path, golden } = smallCheckpoint(folder, 'legacy.tar');
    const named = join(folder, 'best_model.tar');
    renameSync(path, named);
    const progress: number[] = [];
    const model = await store.import(named, { progress: (done) => progress.push(done) });
    assert.equal(model.id, 'best_model');
    assert.equal(model.format, 'torch-legacy');
    assert.equal(model.architecture, golden.id);
    assert.equal(model.task, 'classifier');
    assert.equal(progress.at(-1), model.bytes);
    assert.ok(progress.every((done, i) => i === 0 || done > progress[i - 1]!));
  });

  test('an id that belongs to another file is refused, and the first stays', async () => {
    const store = freshStore();
    const first = await store.import(small, { id: 'mine' });
    await assert.rejects(store.import(other, { id: 'mine' }), (error: LensError) => {
      assert.equal(error.kind, 'usage');
      assert.match(error.message, /"mine" is not .*other\.onnx but another file \(small\.onnx\)\.$/);
      assert.deepEqual(error.remedies, [{ do: 'other-id' }, { do: 'remove-model', id: 'mine' }]);
      return true;
    });
    assert.deepEqual(await store.list(), [first]);
    assert.equal(filesOf(store).length, 2);
  });

  for (const id of [
    '../evil',
    'a/b',
    '',
    '.hidden',
    'con',
    'COM1.x',
    'ends.',
    'demo',
    'mobilenet_v2',
    'a'.repeat(65),
  ])
    test(`the id ${JSON.stringify(id)} is refused`, async () => {
      const store = freshStore();
      await assert.rejects(store.import(small, { id }), { kind: 'usage' });
      assert.deepEqual(filesOf(store), []);
    });

  for (const [name, content] of [
    ['text.pth', 'hello'],
    ['empty.safetensors', ''],
    ['text.onnx', 'hello'],
  ] as const)
    test(`${name} is refused by name, and leaves nothing`, async () => {
      const store = freshStore();
      const path = join(folder, name);
      writeFileSync(path, content);
      await assert.rejects(store.import(path), (error: LensError) => {
        assert.equal(error.kind, 'model');
        assert.ok(error.message.includes(name), error.message);
        return true;
      });
      assert.deepEqual(filesOf(store), []);
    });

  test('cancelled while it copies, it leaves nothing', async () => {
    const store = freshStore();
    const { path } = smallCheckpoint(folder, 'bare.safetensors');
    const controller = new AbortController();
    const progress = (done: number, total: number): void => {
      assert.ok(done < total);
      controller.abort();
    };
    await assert.rejects(store.import(path, { signal: controller.signal, progress }), { kind: 'cancelled' });
    assert.deepEqual(filesOf(store), []);
  });

  test('a full disk is the store’s fault, and leaves nothing', async (t) => {
    const disk = join(folder, 'disk');
    mkdirSync(disk);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk], { stdio: 'ignore' });
    } catch {
      t.skip('needs the right to mount a small tmpfs');
      return;
    }
    try {
      const { path } = smallCheckpoint(folder, 'bare.safetensors');
      const store = new ModelStore(join(disk, 'store'));
      await assert.rejects(store.import(path), (error: LensError) => {
        assert.equal(error.kind, 'output');
        assert.match(error.message, /store.*cannot take.*ENOSPC/s);
        assert.match(error.fix ?? '', /INFERENCE_LENS_CACHE/);
        return true;
      });
      assert.deepEqual(filesOf(store), []);
    } finally {
      execFileSync('umount', [disk]);
    }
  });

  test('what a process left that is known to be dead goes with the next import, the copy of a living one stays', async () => {
    const store = freshStore();
    const gone = { pid: spawnSync(process.execPath, ['-e', '']).pid, host: hostname(), started: null };
    const [dead, alive] = [`${ownedName('', gone)}a`, `${ownedName('')}b`];
    for (const name of [dead, alive]) mkdirSync(join(store.root, 'incoming', name), { recursive: true });
    mkdirSync(join(store.root, 'models'));
    writeFileSync(join(store.root, 'models', `${ownedName('x.json.', gone)}a.partial`), '{');
    const { id } = await store.import(small);
    assert.deepEqual(readdirSync(join(store.root, 'incoming')), [alive]);
    assert.deepEqual(readdirSync(join(store.root, 'models')), [`${id}.json`]);
  });

  test('what names no owner and is a day old goes with the next import', async () => {
    const store = freshStore();
    const left = (name: string, days: number): void => {
      const path = join(store.root, 'incoming', name);
      mkdirSync(path, { recursive: true });
      writeFileSync(join(path, 'x'), '');
      const then = new Date(Date.now() - days * 86_400_000);
      utimesSync(path, then, then);
    };
    left('old', 2);
    left('young', 0.5);
    await store.import(small);
    assert.deepEqual(readdirSync(join(store.root, 'incoming')), ['young']);
  });

  test('a file stands where the store should be', async () => {
    const blocked = join(folder, 'blocked');
    writeFileSync(blocked, '');
    await assert.rejects(new ModelStore(join(blocked, 'store')).import(small), { kind: 'output' });
  });
});

describe('what is broken', () => {
  test('is left out of the list and named; the rest stays', async () => {
    const store = freshStore();
    const good = await store.import(small, { id: 'good' });
    const gone = await store.import(other, { id: 'gone' });
    rmSync(store.pathOf(gone));
    const record = (name: string) => join(store.root, 'models', `${name}.json`);
    writeFileSync(record('text'), 'hello');
    writeFileSync(record('fields'), JSON.stringify({ ...good, id: 'fields', sha256: '../../etc' }));
    writeFileSync(record('climbs'), JSON.stringify({ ...good, id: 'climbs', fileName: '../../passwd' }));
    copyFileSync(record('good'), record('renamed'));
    mkdirSync(record('folder'));
    const broken: string[] = [];
    const models = await store.list((error) => {
      assert.equal(error.kind, 'model');
      assert.ok(error.fix);
      broken.push(error.message);
    });
    assert.deepEqual(models, [good]);
    const expected = [
      /climbs\.json.*fields that are missing/,
      /fields\.json.*fields that are missing/,
      /folder\.json.*cannot be read/,
      /other\.onnx: expected the weights of "gone", found no file/,
      /renamed\.json.*found that of "good"/,
      /text\.json.*not JSON/,
    ];
    assert.equal(broken.length, expected.length, broken.join('\n'));
    expected.forEach((pattern, i) => assert.match(broken[i]!, pattern));
  });

  test('verify finds a changed byte; importing again mends it', async () => {
    const store = freshStore();
    const model = await store.import(small);
    assert.deepEqual(await store.verify('small'), model);
    const bytes = readFileSync(store.pathOf(model));
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(store.pathOf(model), bytes);
    await assert.rejects(store.verify('small'), (error: LensError) => {
      assert.equal(error.kind, 'model');
      assert.match(
        error.message,
        new RegExp(`small\\.onnx: expected sha256 ${model.sha256}, found [0-9a-f]{64}`),
      );
      assert.match(error.fix ?? '', /import small\.onnx again/);
      return true;
    });
    await store.import(small);
    assert.equal((await store.verify('small')).sha256, model.sha256);
  });

  test('weights cut short are found without reading them', async () => {
    const store = freshStore();
    const model = await store.import(small);
    writeFileSync(store.pathOf(model), readFileSync(small).subarray(0, 100));
    await assert.rejects(store.find('small'), { kind: 'model', message: /expected \d+ bytes, found 100/ });
  });

  test('a broken record can be removed, and replaced by importing', async () => {
    const store = freshStore();
    await store.import(small, { id: 'mine' });
    const record = join(store.root, 'models', 'mine.json');
    writeFileSync(record, 'hello');
    await store.import(small, { id: 'mine' });
    assert.equal((await store.find('mine'))?.sha256, hashOf(small));
    writeFileSync(record, 'hello');
    await store.remove('mine');
    assert.equal(existsSync(record), false);
  });
});

describe('remove', () => {
  test('keeps weights that another id needs', async () => {
    const store = freshStore();
    const a = await store.import(small, { id: 'a' });
    const b = await store.import(small, { id: 'b' });
    assert.equal(store.pathOf(a), store.pathOf(b));
    assert.deepEqual(await store.remove('a'), a);
    assert.deepEqual(await store.list(), [b]);
    assert.equal((await store.verify('b')).id, 'b');
    await store.remove('b');
    assert.deepEqual(filesOf(store), []);
  });

  test('an id that is not there, or no id at all', async () => {
    const store = freshStore();
    await store.import(small, { id: 'a' });
    await assert.rejects(store.remove('b'), { kind: 'usage', fix: 'The store holds a.' });
    const outside = join(store.root, 'outside.json');
    writeFileSync(outside, '{}');
    await assert.rejects(store.remove('../outside'), { kind: 'usage' });
    assert.ok(existsSync(outside));
  });
});

test('ids from file names', () => {
  const rows = [
    ['best_model.tar', 'best_model'],
    ['retinaface_resnet50_2020-07-20.zip', 'retinaface_resnet50_2020-07-20'],
    ['my model (1).PTH', 'my-model-1-'],
    ['..safetensors', 'model'],
    ['demo.pth', 'model'],
    ['mobilenet_v2.pth', 'mobilenet_v2-own'],
    ['con.onnx', 'model'],
    ['ünïcode.pt', 'n-code'],
  ] as const;
  for (const [fileName, id] of rows) assert.equal(idFromFileName(fileName), id);
  assert.equal(checkId('FSBI-v2.1_x'), 'FSBI-v2.1_x');
});

test('a card’s file is known by its checksum, else by name and architecture', () => {
  const cards = readCards();
  const find = (fileName: string, architecture: string, sha256 = '0'.repeat(64)) =>
    cardOfFile({ sha256, fileName, architecture }, cards)?.id ?? null;
  assert.equal(find('best_model.tar', 'efficientnet_pytorch/b5'), 'fsbi');
  assert.equal(find('best_model.tar', 'torchvision/resnet18'), null);
  assert.equal(find('FFraw.tar', 'efficientnet_pytorch/b4'), 'sbi');
  assert.equal(
    find('retinaface_resnet50_2020-07-20.zip', 'retinaface/resnet50'),
    null,
    'the checksum is known',
  );
  assert.equal(find('x.zip', 'retinaface/resnet50', `f168fae3c${'0'.repeat(55)}`), 'retinaface-resnet50');
});
