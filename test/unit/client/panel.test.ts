/** The panel's page, what it remembers, and the Node that runs the server. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { panelPage } from '../../../client/src/panel/html';
import { readMemory } from '../../../client/src/panel/memory';
import type { Failure } from '../../../protocol/failure';
import { chooseRuntime, newEnough } from '../../../client/src/server/runtime';

const page = panelPage({
  nonce: 'n',
  styleNonce: 's',
  source: 'https://host',
  script: 'https://host/a"b.js',
  style: 'https://host/p.css',
  language: 'de',
  texts: { 'a </script> in a text': 'ein </script> im Text' },
});

test('the page allows one script, its own style sheet and pictures, and nothing else', () => {
  const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? '';
  assert.deepEqual(policy.split('; '), [
    "default-src 'none'",
    "script-src 'nonce-n' 'wasm-unsafe-eval'",
    "style-src https://host 'nonce-s'",
    'img-src https://host',
    'font-src https://host',
    "base-uri 'none'",
    "form-action 'none'",
  ]);
  assert.doesNotMatch(page, /(?<!wasm-)unsafe-|<style|\sstyle=|\son\w+=/);
  const scripts = page.match(/<script[^>]*>/g) ?? [];
  assert.deepEqual(
    scripts.map((tag) => /type="([^"]*)"/.exec(tag)?.[1] ?? 'run'),
    ['application/json', 'run'],
  );
});

test('the page states its language, and holds the texts as data that ends no element', () => {
  assert.match(page, /<html lang="de">/);
  const data = /<script type="application\/json" id="l10n">(.*?)<\/script>/s.exec(page)?.[1] ?? '';
  assert.deepEqual(JSON.parse(data), { 'a </script> in a text': 'ein </script> im Text' });
});

test('addresses are escaped in the page', () => {
  assert.ok(page.includes('src="https://host/a&quot;b.js"'));
});

test('only absolute paths are taken from memory', () => {
  const nothing = { image: null, folder: null, failure: null };
  assert.deepEqual(readMemory({ image: '/a.png', folder: '/r' }), {
    ...{ image: '/a.png', folder: '/r', failure: null },
  });
  for (const junk of [undefined, null, 'x', 3, {}, { image: 'a.png', folder: 4 }])
    assert.deepEqual(readMemory(junk), nothing);
});

test('a failure is remembered with its words and buttons, as far as they are what they should be', () => {
  const failure: Failure = {
    ...{ kind: 'model', message: 'holds 2 state dicts', fix: 'Choose one.', code: 'no-face' },
    remedies: [{ do: 'choose-state-dict', names: ['a', 'b'] }, { do: 'choose-weights' }],
  };
  const kept = (value: unknown) => readMemory({ image: '/a.png', folder: null, failure: value }).failure;
  assert.deepEqual(kept(JSON.parse(JSON.stringify(failure))), failure);
  assert.deepEqual(kept({ kind: 'usage', message: 'm', fix: 3, code: 'x', remedies: 'y' }), {
    ...{ kind: 'usage', code: 'usage', message: 'm', fix: null },
  });
  const remedies = [
    ...[null, 3, {}, { do: 4 }, { do: 'choose-state-dict' }, { do: 'choose-state-dict', names: [1] }],
    ...[
      { do: 'download-model', id: 'x' },
      { do: 'remove-model', id: '../..' },
    ],
  ];
  assert.deepEqual(kept({ ...failure, remedies })?.remedies, []);
  for (const junk of [
    null,
    'x',
    [],
    {},
    { kind: 'constructor', message: 'm' },
    { kind: 'model', message: 1 },
  ])
    assert.equal(kept(junk), null);
  assert.equal(kept({ ...failure, message: 'x'.repeat(100_000) }), null);
});

const node = (version: string) => () => Promise.resolve(version);
const none = () => Promise.reject(new Error('spawn ENOENT'));

test('auto takes a Node of the PATH only where the host is Electron and it is new enough', async () => {
  assert.equal((await chooseRuntime('auto', undefined, node('v22.0.0'))).path, null);
  assert.equal((await chooseRuntime('auto', '35.1', node('v22.0.0'))).path, 'node');
  assert.equal((await chooseRuntime('auto', '35.1', node('v18.20.0'))).path, null);
  assert.equal((await chooseRuntime('auto', '35.1', none)).path, null);
  assert.equal((await chooseRuntime('electron', '35.1', node('v22.0.0'))).path, null);
});

test('a path that is not a Node, or too old a one, is an error that names it', async () => {
  assert.equal((await chooseRuntime('/opt/node', '35.1', node('v20.18.1'))).path, '/opt/node');
  await assert.rejects(
    chooseRuntime('/opt/node', '35.1', none),
    /\/opt\/node cannot be started: spawn ENOENT/,
  );
  await assert.rejects(
    chooseRuntime('/opt/node', '35.1', node('v20.18.0')),
    /is v20\.18\.0; Node 20\.18\.1 or newer/,
  );
});

test('versions compare by number, part by part', () => {
  const isNewEnough = (version: string) => assert.ok(newEnough(version), version);
  const isTooOld = (version: string) => assert.ok(!newEnough(version), version);
  ['v20.18.1', 'v20.18.10', 'v20.19.0', 'v22.0.0', 'v100.0.0', '24'].forEach(isNewEnough);
  ['v20.18.0', 'v20.9.99', 'v9.99.99', 'v18.20.8', 'nonsense', ''].forEach(isTooOld);
});
