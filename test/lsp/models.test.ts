/** The model store and the labels of lenses through the built server, as the editor's lists change them. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Outcome } from '../../protocol/failure';
import type { ModelSummary, SetLabels } from '../../protocol/requests';
import { writeModel } from '../../server/src/onnx/write';
import { smallClassifier } from '../support/small-classifier';
import { temporaryFolder } from '../support/temp';
import { rawClient, type RawClient } from './raw-client';

const place = temporaryFolder('lsp-models');
const small = join(place, 'small.onnx');
let client: RawClient;
let asked = 0;

async function ask<T>(method: string, params: object): Promise<Outcome<T>> {
  const name = `${method} ${++asked}`;
  client.send({ id: name, method: `inferenceLens/${method}`, params: { job: name, ...params } });
  const { result, error } = await client.next(({ id }) => id === name);
  assert.equal(error, undefined, JSON.stringify(error));
  return result as Outcome<T>;
}

async function value<T>(method: string, params: object): Promise<T> {
  const outcome = await ask<T>(method, params);
  if (!outcome.ok) assert.fail(outcome.failure.message);
  return outcome.value;
}

async function refused(method: string, params: object): Promise<string> {
  const outcome = await ask<unknown>(method, params);
  assert.ok(!outcome.ok, JSON.stringify(outcome).slice(0, 200));
  assert.equal(outcome.failure.kind, 'usage', outcome.failure.message);
  return outcome.failure.message;
}

const listed = async (id: string): Promise<ModelSummary | undefined> =>
  (await value<readonly ModelSummary[]>('models/list', {})).find((model) => model.id === id);

before(async () => {
  await writeModel(smallClassifier(), small);
  client = rawClient({ cwd: place, cache: join(place, 'cache') });
  client.send({ id: 0, method: 'initialize', params: { processId: process.pid, capabilities: {} } });
  await client.next(({ id }) => id === 0);
});

after(async () => {
  client.send({ id: 'end', method: 'shutdown' });
  await client.next(({ id }) => id === 'end');
  client.send({ method: 'exit' });
});

test('a model is listed with its file, gets another name, and goes; the file that it came from stays', async () => {
  await value<ModelSummary>('models/import', { path: small, id: 'mine' });
  const { stored } = (await listed('mine')) ?? {};
  assert.equal(stored?.fileName, 'small.onnx');
  assert.equal(stored.bytes, readFileSync(small).length);
  assert.ok(Date.parse(stored.importedAt) > 0);

  const renamed = await value<ModelSummary>('models/rename', { id: 'mine', to: 'ours' });
  assert.equal(renamed.id, 'ours');
  assert.equal(await listed('mine'), undefined);
  assert.equal((await listed('ours'))?.stored?.bytes, stored.bytes);

  await value<ModelSummary>('models/import', { path: small, id: 'second' });
  assert.match(await refused('models/rename', { id: 'ours', to: 'second' }), /"second" is another model/);
  assert.match(await refused('models/rename', { id: 'ours', to: 'fsbi' }), /"fsbi" is the id of/);
  assert.match(await refused('models/rename', { id: 'gone', to: 'there' }), /no model "gone"/);

  await value<null>('models/remove', { id: 'ours' });
  assert.equal(await listed('ours'), undefined);
  assert.ok(await listed('second'), 'which has the same weights');
  assert.ok(existsSync(small));
});

test('a lens names another list of labels; the rest of it stays, comments too', async () => {
  mkdirSync(join(place, 'lists'));
  const labels = join(place, 'lists', 'labels.txt');
  const lens = join(place, 'small.lens.json');
  writeFileSync(labels, 'cat\ndog\nbird\n');
  const made = await value<SetLabels>('lens/labels', { lens, labels });
  assert.deepEqual(made, { lens, isNew: true, labels: 3 });
  assert.deepEqual(JSON.parse(readFileSync(lens, 'utf8')), { labels: 'lists/labels.txt' });

  writeFileSync(lens, '{\n  // why\n  "labels": ["a", "b"],\n  "target": "pred"\n}\n');
  const changed = await value<SetLabels>('lens/labels', { lens, labels });
  assert.equal(changed.isNew, false);
  assert.equal(
    readFileSync(lens, 'utf8'),
    '{\n  // why\n  "labels": "lists/labels.txt",\n  "target": "pred"\n}\n',
  );
});

test('what holds no class names, or is no lens, changes nothing', async () => {
  const lens = join(place, 'kept.lens.json');
  writeFileSync(lens, '{ "target": "pred" }\n');
  const empty = join(place, 'empty.txt');
  writeFileSync(empty, '\n\n');
  assert.match(await refused('lens/labels', { lens, labels: empty }), /expected a list of class names/);
  assert.match(
    await refused('lens/labels', { lens: join(place, 'model.json'), labels: empty }),
    /expected a name that ends with \.lens\.json/,
  );
  assert.equal(readFileSync(lens, 'utf8'), '{ "target": "pred" }\n');
});
