/** Checkpoints in several files, read as one from any of them; and indexes that lie (test/reference/checkpoints/parts.py). */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { CheckpointError } from '../../../server/src/checkpoints/error';
import { openCheckpoint } from '../../../server/src/checkpoints/open';
import { temporaryFolder } from '../../support/temp';

const fixtures = join(__dirname, '..', '..', 'fixtures', 'parts');
const golden = JSON.parse(readFileSync(join(fixtures, 'golden.json'), 'utf8')) as {
  tensors: Record<string, { shape: number[]; sha256: string }>;
};
const scratch = temporaryFolder('shards');
let count = 0;

interface Index {
  metadata: { total_size: number };
  weight_map: Record<string, string>;
}

/** An index that is not made from an object. */
class Raw {
  declare private readonly nominal: never;
  constructor(readonly text: string) {}
}

/** A copy of the parts of one kind, changed. */
function copy(
  stem: 'model.safetensors' | 'pytorch_model.bin',
  change: (index: Index, folder: string) => unknown = () => undefined,
): string {
  const folder = join(scratch, String(++count));
  mkdirSync(folder);
  const [name = '', ending = ''] = stem.split('.');
  const index = `${stem}.index.json`;
  for (const part of [1, 2, 3]) {
    const file = `${name}-0000${part}-of-00003.${ending}`;
    cpSync(join(fixtures, file), join(folder, file));
  }
  const content = JSON.parse(readFileSync(join(fixtures, index), 'utf8')) as Index;
  const text = change(content, folder);
  writeFileSync(join(folder, index), text instanceof Raw ? text.text : JSON.stringify(content));
  return join(folder, index);
}

async function checkAll(path: string, main: string): Promise<void> {
  const checkpoint = await openCheckpoint(path);
  try {
    assert.equal(checkpoint.path, main);
    assert.deepEqual([...checkpoint.stateDict.keys()].sort(), Object.keys(golden.tensors).sort());
    for (const [name, { shape, sha256 }] of Object.entries(golden.tensors)) {
      const raw = await checkpoint.readRaw(name);
      assert.deepEqual(
        [raw.shape, createHash('sha256').update(raw.data).digest('hex')],
        [shape, sha256],
        name,
      );
    }
  } finally {
    await checkpoint.close();
  }
}

describe('the index, a part and the folder are the same checkpoint', () => {
  for (const stem of ['model.safetensors', 'pytorch_model.bin'] as const)
    test(stem, async () => {
      const index = copy(stem);
      const folder = join(index, '..');
      const [name = '', ending = ''] = stem.split('.');
      await checkAll(index, index);
      await checkAll(folder, index);
      await checkAll(join(folder, `${name}-00002-of-00003.${ending}`), index);
    });

  test('of a folder with both kinds, safetensors', () =>
    checkAll(fixtures, join(fixtures, 'model.safetensors.index.json')));

  test('links of the Hugging Face cache', async () => {
    const index = copy('model.safetensors');
    const from = join(index, '..');
    const cache = join(scratch, 'models--x');
    const [blobs, snapshot] = [join(cache, 'blobs'), join(cache, 'snapshots', 'abc')];
    mkdirSync(blobs, { recursive: true });
    mkdirSync(snapshot, { recursive: true });
    for (const [i, file] of [
      'model.safetensors.index.json',
      ...[1, 2, 3].map((n) => `model-0000${n}-of-00003.safetensors`),
    ].entries()) {
      renameSync(join(from, file), join(blobs, `b${i}`));
      symlinkSync(join('..', '..', 'blobs', `b${i}`), join(snapshot, file));
    }
    await checkAll(snapshot, join(snapshot, 'model.safetensors.index.json'));
  });
});

const first = 'model-00001-of-00003.safetensors';
const second = 'model-00002-of-00003.safetensors';
const secret = join(scratch, 'secret.safetensors');

const refused: readonly (readonly [
  what: string,
  change: (index: Index, folder: string) => unknown,
  message: RegExp,
  problem: string,
])[] = [
  [
    'a part that is missing',
    (_, folder) => rmSync(join(folder, second)),
    /names "model-00002-of-00003\.safetensors", which is not beside it/,
    'damaged',
  ],
  [
    'a path out of the folder',
    (i) => (i.weight_map['fc.bias'] = '../secret.safetensors'),
    /has "fc\.bias" in "\.\.\/secret\.safetensors"; expected the name of a file beside it/,
    'hostile',
  ],
  [
    'an absolute path',
    (i) => (i.weight_map['fc.bias'] = secret),
    /expected the name of a file beside it/,
    'hostile',
  ],
  [
    'a Windows path',
    (i) => (i.weight_map['fc.bias'] = '..\\secret.safetensors'),
    /expected the name of a file beside it/,
    'hostile',
  ],
  [
    'a file that is no checkpoint',
    (i) => (i.weight_map['fc.bias'] = 'passwd'),
    /expected the name of a file beside it/,
    'hostile',
  ],
  ['no file', (i) => (i.weight_map['fc.bias'] = 3 as never), /has "fc\.bias" in no file/, 'hostile'],
  [
    'a link out of the folder',
    (_, folder) => {
      cpSync(join(folder, second), secret);
      rmSync(join(folder, second));
      symlinkSync(secret, join(folder, second));
    },
    /names "model-00002-of-00003\.safetensors", a link out of its folder/,
    'hostile',
  ],
  [
    'a tensor in another part than said',
    (i) => {
      for (const [n, f] of Object.entries(i.weight_map))
        if (f === first) {
          i.weight_map[n] = second;
          break;
        }
    },
    /holds a tensor "[\w.]+", which the index has in "model-00002/,
    'damaged',
  ],
  [
    'a tensor that no part holds',
    (i) => (i.weight_map['extra'] = first),
    /has "extra" in "model-00001-of-00003\.safetensors", which does not hold it/,
    'damaged',
  ],
  [
    'a tensor that is not listed',
    (i) => {
      delete i.weight_map['fc.bias'];
    },
    /holds a tensor "fc\.bias", which the index does not list/,
    'damaged',
  ],
  [
    'one tensor in two parts',
    (_, folder) => cpSync(join(folder, first), join(folder, second)),
    /holds a tensor "[\w.]+", which the index has in "model-00001/,
    'damaged',
  ],
  [
    'a size that lies',
    (i) => (i.metadata.total_size += 4),
    /says that its tensors take \d+ bytes; those of its parts take \d+/,
    'damaged',
  ],
  [
    'no map',
    (i) => {
      Reflect.deleteProperty(i, 'weight_map');
    },
    /expected a "weight_map"/,
    'damaged',
  ],
  ['an empty map', (i) => (i.weight_map = {}), /names no tensors/, 'damaged'],
  ['text', () => new Raw('hello'), /is an index that is not JSON/, 'damaged'],
  ['a list', () => new Raw('[]'), /is an index that is not a JSON object/, 'damaged'],
  ['deep nesting', () => new Raw('['.repeat(200_000)), /is an index that is not JSON/, 'damaged'],
  [
    'a key twice',
    (i) => new Raw(JSON.stringify(i).replace('"fc.bias":', `"fc.bias":"${first}","fc.bias":`)),
    /the same key twice/,
    'damaged',
  ],
  [
    'a thousand files',
    (i) => {
      for (let n = 0; n < 1000; n++) i.weight_map[`x${n}`] = `${n}.safetensors`;
    },
    /names more than 512 files/,
    'too-large',
  ],
];

describe('an index that lies is refused', () => {
  for (const [what, change, message, problem] of refused)
    test(what, async () => {
      await assert.rejects(openCheckpoint(copy('model.safetensors', change)), (error: unknown) => {
        assert.ok(error instanceof CheckpointError, String(error));
        assert.match(error.message, message);
        assert.equal(error.problem, problem);
        return true;
      });
    });

  test('a PyTorch part that would run code', async () => {
    const index = copy('pytorch_model.bin', (_, folder) => {
      cpSync(
        join(fixtures, '..', 'checkpoints', 'runs-os-system.pth'),
        join(folder, 'pytorch_model-00003-of-00003.bin'),
      );
    });
    await assert.rejects(openCheckpoint(index), /would run posix\.system/);
  });

  test('a part whose index is not beside it', async () => {
    const index = copy('model.safetensors');
    rmSync(index);
    await assert.rejects(
      openCheckpoint(join(index, '..', first)),
      /is part 1 of 3; its index "model\.safetensors\.index\.json" is not beside it/,
    );
  });

  test('a folder without an index', async () => {
    const folder = join(scratch, 'none');
    mkdirSync(folder);
    await assert.rejects(openCheckpoint(folder), /is a folder without a model; expected a checkpoint file/);
  });
});

test('objects that training leaves beside weights: harmless ones are values, those of the script are named', async () => {
  const checkpoint = await openCheckpoint(join(fixtures, 'objects.pth'));
  assert.equal(checkpoint.location, 'state_dict');
  assert.deepEqual([...checkpoint.unknownNames], ['__main__.Mode', '__main__.Config']);
  assert.deepEqual([...checkpoint.stateDict.keys()].sort(), Object.keys(golden.tensors).sort());
  await checkpoint.close();
});
