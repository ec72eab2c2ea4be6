/** A broken record of a face detector is an error that names it, never a silent change to another detector. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { storedDetector } from '../../../server/src/pipeline/face/stored-detector';
import type { StoredModel } from '../../../server/src/store/entry';
import { ModelStore } from '../../../server/src/store/store';
import { temporaryFolder } from '../../support/temp';

const folder = temporaryFolder('broken-detector');
const CONTENT = 'weights';

/** As the first version wrote them, of one file. */
type OldRecord = Omit<StoredModel, 'version' | 'files'>;

const record = (id: string, change: Partial<OldRecord> = {}): OldRecord => ({
  ...{ id, sha256: 'ab'.repeat(32), fileName: `${id}.pth`, bytes: CONTENT.length, format: 'torch-zip' },
  ...{ task: 'detector', architecture: 'retinaface/mobilenet0.25', parameters: 7 },
  ...{ importedAt: '2025-12-01T18:12:54.000Z', notes: [] },
  ...change,
});

const placeOf = ({ root }: ModelStore, { sha256, fileName }: OldRecord): string =>
  join(root, 'blobs', sha256, fileName);

/** A store with these records, as text or whole with their weights. */
function storeOf(name: string, records: Readonly<Record<string, string | OldRecord>>): ModelStore {
  const store = new ModelStore(join(folder, name));
  mkdirSync(join(store.root, 'models'), { recursive: true });
  for (const [id, content] of Object.entries(records)) {
    const text = typeof content === 'string' ? content : JSON.stringify(content);
    writeFileSync(join(store.root, 'models', `${id}.json`), text);
    if (typeof content === 'string') continue;
    mkdirSync(join(placeOf(store, content), '..'), { recursive: true });
    writeFileSync(placeOf(store, content), CONTENT);
  }
  return store;
}

const good = record('faces');
const cut = (model: OldRecord): string => JSON.stringify(model, null, 2).slice(0, -20);
const rows: readonly (readonly [
  string,
  Readonly<Record<string, string | OldRecord>>,
  RegExp | string | null,
])[] = [
  ['none', {}, null],
  ['one that is whole', { faces: good }, 'faces'],
  ['one cut short', { faces: cut(good) }, /faces\.json.*not JSON/],
  [
    'one whose weights are gone',
    { faces: JSON.stringify(good) },
    /expected the weights of "faces", found no file/,
  ],
  ['text under the name of a detector’s card', { 'retinaface-resnet50': 'x', faces: good }, /resnet50\.json/],
  ['text that tells nothing, and no other detector', { mine: 'x' }, /mine\.json.*not JSON/],
  ['text that tells nothing, beside a detector', { mine: 'x', faces: good }, 'faces'],
  ['a classifier cut short', { mine: cut(record('mine', { task: 'classifier' })) }, null],
  ['text under the name of a classifier’s card', { fsbi: 'x' }, null],
];

for (const [name, records, expected] of rows) {
  test(name, async () => {
    const store = storeOf(name, records);
    if (expected instanceof RegExp) {
      await assert.rejects(storedDetector(store), {
        kind: 'model',
        message: expected,
        fix: /(The record is damaged|Import faces\.pth again).* BlazeFace finds faces without it\.$/,
      });
      return;
    }
    const found = await storedDetector(store);
    assert.equal(found?.path ?? null, expected === null ? null : placeOf(store, good));
  });
}
