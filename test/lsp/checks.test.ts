/** Test files through the built server, on the sample that cheats: listed, judged as the command line judges them, stopped, and refused where they are none. */
import assert from 'node:assert/strict';
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { FinishedCheck, ListedCheck } from '../../protocol/checks';
import type { Failure, Outcome } from '../../protocol/failure';
import { temporaryFolder } from '../support/temp';
import { rawClient, type RawClient } from './raw-client';

const place = temporaryFolder('lsp-checks');
/** The server's folder for temporary files. */
const temporary = temporaryFolder('lsp-checks-temporary');
const [cheater, repaired] = [join(place, 'cheater.check.json'), join(place, 'repaired.check.json')];
const broken = join(place, 'broken.check.json');

const left = () => readdirSync(temporary).filter((name) => name.startsWith('inference-lens-check-'));

let client: RawClient;
let asked = 0;

async function ask<T>(method: string, params: object): Promise<Outcome<T>> {
  const name = `${method} ${++asked}`;
  client.send({ id: name, method: `inferenceLens/check/${method}`, params: { job: name, ...params } });
  const { result, error } = await client.next(({ id }) => id === name);
  assert.equal(error, undefined, JSON.stringify(error));
  return result as Outcome<T>;
}

async function judged(path: string): Promise<FinishedCheck> {
  const outcome = await ask<FinishedCheck>('run', { path });
  if (!outcome.ok) assert.fail(outcome.failure.message);
  return outcome.value;
}

async function refused(path: string): Promise<Failure> {
  const outcome = await ask('run', { path });
  assert.ok(!outcome.ok, JSON.stringify(outcome));
  return outcome.failure;
}

before(async () => {
  cpSync(join('samples', 'watermark'), place, { recursive: true });
  client = rawClient({ cwd: place, env: { TMPDIR: temporary, TEMP: temporary } });
  // The file says which network: what the editor's settings name is not there.
  const initializationOptions = { weights: join(place, 'other.onnx'), device: 'cpu', trusted: false };
  client.send({
    id: 0,
    method: 'initialize',
    params: { processId: process.pid, capabilities: {}, initializationOptions },
  });
  await client.next(({ id }) => id === 0);
});

test('nothing that a test file names is read before the workspace is trusted', async () => {
  const failure = await refused(cheater);
  assert.deepEqual([failure.kind, failure.code], ['usage', 'untrusted']);
  assert.match(
    failure.message,
    /The workspace is not trusted, so what .*cheater\.check\.json names is not read/,
  );
  client.send({ method: 'inferenceLens/trustGranted', params: null });
});

test('every expectation of the sample has its place, and is judged: the cheater fails, the repaired network passes', async () => {
  const listed = await ask<ListedCheck>('list', { path: cheater });
  assert.ok(listed.ok);
  const { expectations } = listed.value;
  const ids = ['failed', 'accuracy', 'attention/0', 'healthy/0'];
  assert.deepEqual(
    expectations.map(({ id, place: { line } }) => [id, line]),
    ids.map((id, i) => [id, [6, 7, 9, 10][i]]),
  );

  const { file, outcomes, notes } = await judged(cheater);
  assert.deepEqual([file, notes], [cheater, []]);
  assert.deepEqual(
    outcomes.map(({ id, passed }) => [id, passed]),
    ids.map((id) => [id, !['accuracy', 'attention/0'].includes(id)]),
  );
  const [, accuracy, attention] = outcomes;
  assert.deepEqual(
    [accuracy?.expected, accuracy?.found, accuracy?.pictures[0]],
    ['at least 0.9', '0.6667 (40 of 60)', 'circle/02-marked.jpg'],
  );
  assert.match(attention?.found ?? '', /^0\.29\d*, the mean of 60 pictures$/);
  assert.equal(accuracy?.at, `${cheater}:7:17`);
  const passing = await judged(repaired);
  assert.ok(
    passing.outcomes.every(({ passed }) => passed),
    JSON.stringify(passing.outcomes),
  );
});

test('a run tells how far it is, and is stopped', async () => {
  const stopped = ask('run', { path: cheater, job: 'stopped' });
  await client.next(
    ({ method, params }) =>
      method === 'inferenceLens/progress' && /"stopped".*\d+ of 60 pictures/.test(JSON.stringify(params)),
  );
  client.send({ id: 'stop', method: 'inferenceLens/cancel', params: { job: 'stopped' } });
  const outcome = await stopped;
  assert.deepEqual([outcome.ok, !outcome.ok && outcome.failure.kind], [false, 'cancelled']);
  // The answer does not wait for what the engine still tidies.
  for (
    const until = Date.now() + 60_000;
    left().length > 0;
    await new Promise((next) => setTimeout(next, 50))
  )
    assert.ok(Date.now() < until, left().join());
});

test('a run that is stopped as soon as it is requested, or while it waits for another, is stopped', async () => {
  const first = ask('run', { path: cheater, job: 'first' });
  const second = ask('run', { path: cheater, job: 'second' });
  client.send({ id: 'stop second', method: 'inferenceLens/cancel', params: { job: 'second' } });
  client.send({ id: 'stop first', method: 'inferenceLens/cancel', params: { job: 'first' } });
  for (const outcome of await Promise.all([first, second]))
    assert.deepEqual([outcome.ok, !outcome.ok && outcome.failure.kind], [false, 'cancelled']);
  assert.ok(
    (await judged(repaired)).outcomes.every(({ passed }) => passed),
    'and the next one runs',
  );
});

test('what a lens expects of its own pictures is listed and judged as in a test file', async () => {
  const lens = join(place, 'own.lens.json');
  const expecting = (expect: string): void =>
    writeFileSync(
      lens,
      readFileSync(join(place, 'cheater.lens.json'), 'utf8').replace(/"expect": [^]*$/, `${expect} }`),
    );
  expecting('"target": "predicted"');
  const none = await ask<ListedCheck>('list', { path: lens });
  assert.deepEqual(none.ok && none.value, { expectations: [], problems: [] }, 'this one expects nothing');
  expecting('"expect": { "set": "pictures", "labels": "folders", "accuracy": { "least": 0.9 } }');
  const listed = await ask<ListedCheck>('list', { path: lens });
  assert.ok(listed.ok);
  assert.deepEqual(
    listed.value.expectations.map(({ id, place: { line } }) => [id, line]),
    [
      ['failed', 10],
      ['accuracy', 10],
    ],
  );
  const { file, outcomes } = await judged(lens);
  assert.equal(file, lens);
  assert.deepEqual(
    outcomes.map(({ id, passed, found }) => [id, passed, found]),
    [
      ['failed', true, '0 of 60 pictures'],
      ['accuracy', false, '0.6667 (40 of 60)'],
    ],
  );
  expecting('"expect": { "accuracy": { "least": 0.9 } }');
  const { message, fix } = await refused(lens);
  assert.match(message, /own\.lens\.json: expected a set of pictures, found none/);
  assert.match(fix ?? '', /"set" within "expect" in a lens/);
  assert.doesNotMatch(fix ?? '', /--set/);
  expecting('"expect": { "set": "../elsewhere", "accuracy": { "least": 0.9 } }');
  assert.match((await refused(lens)).message, /lens\.json:10:\d+: expected a path with \/ below/);
  expecting('"expect": { "acuracy": { "least": 0.9 } }');
  const wrong = await ask<ListedCheck>('list', { path: lens });
  assert.match((wrong.ok && wrong.value.problems[0]?.message) || '', /Did you mean "accuracy"/);
  rmSync(lens);
});

test('while one writes a test file, its keys are offered and explained, and a wrong one is mended', async () => {
  const uri = pathToFileURL(join(place, 'new.check.json')).href;
  const text = '{\n  // comments are allowed\n  "expect": {\n    "helthy": ["features.*"]\n  }\n}';
  const about = (id: string, method: string, params: object): Promise<unknown> => {
    client.send({ id, method: `textDocument/${method}`, params: { textDocument: { uri }, ...params } });
    return client.next((message) => message.id === id).then(({ result }) => result);
  };
  client.send({
    method: 'textDocument/didOpen',
    params: { textDocument: { uri, languageId: 'inference-lens', version: 1, text } },
  });
  const { params } = await client.next(
    ({ method, params }) =>
      method === 'textDocument/publishDiagnostics' && JSON.stringify(params).includes('new.check.json'),
  );
  const { diagnostics } = params as { diagnostics: readonly { severity: number; message: string }[] };
  assert.deepEqual(
    diagnostics.map(({ severity }) => severity),
    diagnostics.map(() => 1),
    'errors',
  );
  const keys = (await about('keys', 'completion', { position: { line: 3, character: 4 } })) as readonly {
    label: string;
  }[];
  for (const key of ['accuracy', 'attention', 'baseline', 'healthy', 'masks'])
    assert.ok(
      keys.some(({ label }) => label === key),
      key,
    );
  assert.ok(!keys.some(({ label }) => label === 'preprocess'), 'no key of a lens');
  const hover = await about('hover', 'hover', { position: { line: 2, character: 5 } });
  assert.match(JSON.stringify(hover), /inference-lens check/);
  const range = { start: { line: 3, character: 4 }, end: { line: 3, character: 10 } };
  const fixes = await about('fixes', 'codeAction', { range, context: { diagnostics: [] } });
  assert.match(JSON.stringify(fixes), /"newText":"\\"healthy\\""/);
  client.send({ method: 'textDocument/didClose', params: { textDocument: { uri } } });
});

test('a mistake is not a failed expectation: it has its place in the text, in Problems and in the answer', async () => {
  const write = (text: string) => writeFileSync(broken, text);
  write(
    '{ "set": "pictures", "weights": "cheater.onnx",\n "expect": { "attention": [{ "layer": "features.14", "in": "box", "most": 1 }] } }',
  );
  assert.match((await refused(broken)).message, /broken\.check\.json:2:28: expected "box" with "in": "box"/);
  write('{ "set": "../elsewhere", "expect": {} }');
  assert.match((await refused(broken)).message, /expected a path with \/ below the file's own folder/);

  const text = '{\n  "expect": { "acuracy": { "least": 1 } }\n}';
  const listed = await ask<ListedCheck>('list', { path: broken, text });
  assert.ok(listed.ok);
  const [problem] = listed.value.problems;
  assert.deepEqual([problem?.line, problem?.column], [2, 15]);
  assert.match(problem?.message ?? '', /Did you mean "accuracy"/);
  const uri = pathToFileURL(broken).href;
  const diagnostics = (what: RegExp) =>
    client.next(
      ({ method, params }) =>
        method === 'textDocument/publishDiagnostics' && what.test(JSON.stringify(params)),
    );
  const document = { uri, languageId: 'inference-lens', version: 1, text };
  client.send({ method: 'textDocument/didOpen', params: { textDocument: document } });
  const shown = await diagnostics(/acuracy/);
  assert.match(JSON.stringify(shown.params), /broken\.check\.json.*"line":1,"character":14/);
  client.send({ method: 'textDocument/didClose', params: { textDocument: { uri } } });
  await diagnostics(/broken\.check\.json","diagnostics":\[\]/);
});

test('what was computed for a check is gone with the server, also of one that was stopped', async () => {
  client.send({ id: 'end', method: 'shutdown' });
  await client.next(({ id }) => id === 'end');
  client.send({ method: 'exit' });
  assert.equal(await client.end(), 0);
  assert.equal(client.stderr(), '');
  assert.deepEqual(left(), []);
});
