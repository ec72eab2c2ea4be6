/** What becomes of a checkpoint on its way to a network: which weights, and what the report says was left aside. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { CheckpointReport } from '../../../protocol/report';
import { importClassifier } from '../../../server/src/architectures/classifier';
import { describeReading, readingNotes } from '../../../server/src/architectures/reading';
import { fromTensorSource } from '../../../server/src/architectures/state-dict';
import type { Shape } from '../../../server/src/architectures/state-dict';
import { openCheckpoint } from '../../../server/src/checkpoints/open';
import { LensError } from '../../../server/src/errors';
import { ModelStore } from '../../../server/src/store/store';
import { expanded, expandedFile } from '../../support/checkpoints/expanded';
import { p } from '../../support/checkpoints/pickle-writer';
import { temporaryFolder } from '../../support/temp';
import { renamed, savedShapes } from '../architectures/state-dicts';

const folder = temporaryFolder('checkpoint-reading');
let count = 0;

const resnet = savedShapes('torchvision/resnet18');
const wrapped = (prefix: string): Map<string, Shape> => renamed(resnet, (name) => prefix + name);

function write(values: Parameters<typeof expandedFile>[0]): string {
  const path = join(folder, `${++count}.pth`);
  writeFileSync(path, expandedFile(values));
  return path;
}

interface Read {
  readonly weights: ReadonlyMap<string, unknown>;
  readonly reading: CheckpointReport;
  readonly notes: readonly string[];
}

async function read(path: string, stateDict: string | null = null): Promise<Read> {
  const checkpoint = await openCheckpoint(path, stateDict === null ? {} : { location: stateDict });
  try {
    const { network, ...found } = await importClassifier(fromTensorSource(checkpoint), { source: path });
    const weights = new Map([...network.model.graph.initializers].map(([name, { data }]) => [name, data]));
    const reading = describeReading(checkpoint, found, stateDict);
    return { weights, reading, notes: readingNotes(reading) };
  } finally {
    await checkpoint.close();
  }
}

const plain = write({ '': expanded(resnet) });
const shifted = write({ '': expanded(resnet, 1) });
const unknown = (module: string, name: string): Buffer =>
  p.join(p.global(module, name), p.emptyTuple, p.reduce);

describe('the same weights as from a file of the network alone', () => {
  const rows: readonly (readonly [string, () => string, string | null, readonly RegExp[]])[] = [
    [
      'a running average',
      () =>
        write({
          model: { ...expanded(wrapped('module.')), n_averaged: { key: '0', storage: 9, shape: [] } },
        }),
      null,
      [/ignored: "n_averaged"\.$/],
    ],
    [
      'a loss with weights',
      () =>
        write({
          state_dict: {
            ...expanded(wrapped('model.')),
            'criterion.weight': { key: '0', storage: 9, shape: [2] },
          },
        }),
      null,
      [/ignored: "criterion\.weight"\.$/],
    ],
    [
      'a normalization',
      () =>
        write({ state_dict: { ...expanded(wrapped('net.')), mean: { key: '0', storage: 9, shape: [3] } } }),
      null,
      [/ignored: "mean"\. If the network normalizes its input/],
    ],
    [
      'an average in a second dict',
      () => write({ state_dict: expanded(resnet), state_dict_ema: expanded(resnet, 1) }),
      null,
      [/holds 2 state dicts: "state_dict" was read, not "state_dict_ema"\..*--state-dict/],
    ],
    [
      'the average first, and the weights asked for',
      () => write({ ema: expanded(resnet, 1), net: expanded(resnet) }),
      'net',
      [],
    ],
    [
      'the teacher, asked for',
      () => write({ student: expanded(resnet, 1), teacher: expanded(wrapped('module.')) }),
      'teacher',
      [],
    ],
    [
      'an average under names of its own',
      () => write({ '': { ...expanded(wrapped('ema.'), 1), ...expanded(wrapped('model.')) } }),
      null,
      [/holds 2 state dicts: "model" was read, not "ema"/, /ignored: "ema\.\* \(122 tensors\)"/],
    ],
    [
      'that average, asked for',
      () => write({ '': { ...expanded(wrapped('ema.')), ...expanded(wrapped('model.'), 1) } }),
      'ema',
      [],
    ],
    [
      'an object of the script',
      () => write({ state_dict: expanded(resnet), mode: unknown('train', 'Mode') }),
      null,
      [/^Python would call "train\.Mode" when it opens this file; Inference Lens did not\.$/],
    ],
    [
      'a partial of a class of the script',
      () =>
        write({
          net: expanded(resnet),
          head: p.join(p.global('functools', 'partial'), p.tuple(p.global('nets', 'Head')), p.reduce),
        }),
      null,
      [/would call "nets\.Head"/],
    ],
    [
      'a harmless object',
      () =>
        write({
          net: expanded(resnet),
          norm: p.join(
            p.global('functools', 'partial'),
            p.tuple(p.global('torch.nn.modules.batchnorm', 'BatchNorm2d')),
            p.reduce,
          ),
        }),
      null,
      [],
    ],
  ];
  for (const [what, path, stateDict, expected] of rows)
    test(what, async () => {
      const [{ weights }, found] = [await read(plain), await read(path(), stateDict)];
      assert.deepEqual(found.weights, weights);
      assert.equal(found.reading.requestedStateDict, stateDict);
      assert.equal(found.notes.length, expected.length, found.notes.join('\n'));
      expected.forEach((pattern, i) => assert.match(found.notes[i] ?? '', pattern));
    });

  test('and the average is another network', async () => {
    const path = write({ state_dict: expanded(resnet), state_dict_ema: expanded(resnet, 1) });
    const { weights, reading } = await read(path, 'state_dict_ema');
    assert.deepEqual(weights, (await read(shifted)).weights);
    assert.notDeepEqual(weights, (await read(plain)).weights);
    assert.deepEqual([reading.stateDict, reading.otherStateDicts], ['state_dict_ema', ['state_dict']]);
  });

  test('a last layer under another name', async () => {
    const head = (path: string) => renamed(resnet, (name) => name.replace(/^fc\./, path));
    const moved = write({ net: expanded(head('last_layer.')) });
    const found = await read(moved);
    assert.deepEqual(found.weights, (await read(plain)).weights);
    assert.equal(found.reading.renamedHead, 'last_layer');
    assert.match(found.notes[0] ?? '', /last layer was read from "last_layer"/);
  });
});

describe('refused, with the choice', () => {
  const rows: readonly (readonly [string, () => string, readonly string[]])[] = [
    [
      'student and teacher',
      () => write({ student: expanded(resnet), teacher: expanded(resnet, 1) }),
      ['student', 'teacher'],
    ],
    [
      'the same under names of their own',
      () => write({ '': { ...expanded(wrapped('student.')), ...expanded(wrapped('teacher.'), 1) } }),
      ['student', 'teacher'],
    ],
  ];
  for (const [what, path, names] of rows)
    test(what, async () => {
      const file = path();
      await assert.rejects(read(file), (error: unknown) => {
        assert.ok(error instanceof LensError);
        assert.deepEqual(error.remedies, [{ do: 'choose-state-dict', names }]);
        return true;
      });
      for (const name of names) await read(file, name);
    });

  test('one that is not there', async () => {
    const file = write({ student: expanded(resnet), teacher: expanded(resnet, 1) });
    await assert.rejects(read(file, 'pupil'), /has no state dict "pupil"; it has "student", "teacher"/);
  });
});

test('the store remembers what was requested, and what else there was', async () => {
  const store = new ModelStore(join(folder, 'store'));
  const path = write({ student: expanded(resnet), teacher: expanded(resnet, 1) });
  const model = await store.import(path, { id: 'mine', stateDict: 'teacher' });
  assert.deepEqual(
    [model.stateDict, model.stateDicts],
    ['teacher', { read: 'teacher', others: ['student'] }],
  );
  assert.deepEqual(await store.find('mine'), model);
  const other = await store.import(path, { id: 'mine', stateDict: 'student' });
  assert.equal(other.stateDict, 'student');
  assert.equal((await store.find('mine'))?.stateDict, 'student');
});
