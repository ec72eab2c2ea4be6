/** The store as people see it: what is there, what could be, what is broken. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { listModels, modelLines } from '../../../server/src/engine/models';
import { writeModel } from '../../../server/src/onnx/write';
import { readCards } from '../../../server/src/store/card';
import { ModelStore } from '../../../server/src/store/store';
import { smallClassifier } from '../../support/small-classifier';
import { temporaryFolder } from '../../support/temp';

const folder = temporaryFolder('engine-models');
const small = join(folder, 'small.onnx');
before(() => writeModel(smallClassifier(), small));

test('an empty store: the demo weights, then every card', async () => {
  const store = new ModelStore(join(folder, 'empty'));
  const models = await listModels(store);
  assert.deepEqual(
    models.map(({ id, installed }) => [id, installed]),
    [['mobilenet_v2', true], ['demo', true], ...readCards().map(({ id }) => [id, false])],
  );
  assert.deepEqual(
    (await modelLines(store)).map(({ state, text }) => [state, text.split(':')[0]]),
    [['ok', 'none imported']],
  );
});

test('a model under a card’s id takes the card’s place, title and license', async () => {
  const store = new ModelStore(join(folder, 'one'));
  await store.import(small, { id: 'fsbi' });
  const found = (await listModels(store)).filter(({ id }) => id === 'fsbi');
  const card = readCards().find(({ id }) => id === 'fsbi');
  assert.deepEqual(
    found.map(({ installed, untrained, title, license }) => [installed, untrained, title, license]),
    [[true, false, card?.title, card?.license]],
  );
});

test('doctor names what is broken, record or whole store', async () => {
  const store = new ModelStore(join(folder, 'broken'));
  await store.import(small, { id: 'good' });
  writeFileSync(join(store.root, 'models', 'bad.json'), '{');
  const lines = await modelLines(store);
  assert.deepEqual(
    lines.map(({ state }) => state),
    ['ok', 'problem'],
  );
  assert.match(lines[1]?.text ?? '', /bad\.json/);
  assert.ok(lines[1]?.fix);

  const blocked = new ModelStore(join(folder, 'blocked'));
  mkdirSync(blocked.root);
  writeFileSync(join(blocked.root, 'models'), 'a file, no folder');
  assert.deepEqual(
    (await modelLines(blocked)).map(({ state }) => state),
    ['problem'],
  );
});
