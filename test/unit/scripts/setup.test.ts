/** What somebody meets whose machine lacks something: a sentence that names it and says what to do, never a stack trace. */
import assert from 'node:assert/strict';
import type { SpawnSyncOptions } from 'node:child_process';
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { test } from 'node:test';
import { projectRoot } from '../../../server/src/system/paths';
import { temporaryFolder } from '../../support/temp';

const manifest = JSON.parse(readFileSync(join(projectRoot(), 'package.json'), 'utf8')) as {
  engines: { node: string };
};

const folder = temporaryFolder('sétup of a newcomer');
chmodSync(folder, 0o755);

/** A checkout that holds no more than what setting up reads, with one package: in it, or at an address where nobody answers. */
function checkout({ elsewhere = false } = {}): string {
  const place = mkdtempSync(join(folder, 'check out '));
  const write = (name: string, content: unknown): void => {
    mkdirSync(join(place, name, '..'), { recursive: true });
    writeFileSync(join(place, name), JSON.stringify(content));
  };
  const { engines } = manifest;
  const own = {
    name: 'x',
    version: '1.0.0',
    engines,
    dependencies: { dep: elsewhere ? '1.0.0' : 'file:dep' },
  };
  const integrity = `sha512-${'A'.repeat(86)}==`;
  const packages = elsewhere
    ? { 'node_modules/dep': { version: '1.0.0', resolved: 'http://127.0.0.1:1/dep.tgz', integrity } }
    : { dep: { version: '1.0.0' }, 'node_modules/dep': { resolved: 'dep', link: true } };
  write('package.json', own);
  write('package-lock.json', {
    ...own,
    lockfileVersion: 3,
    requires: true,
    packages: { '': own, ...packages },
  });
  write('dep/package.json', { name: 'dep', version: '1.0.0' });
  mkdirSync(join(place, 'scripts'));
  for (const name of ['setup.mjs', 'node-floor.mjs'])
    copyFileSync(join(projectRoot(), 'scripts', name), join(place, 'scripts', name));
  return place;
}

function install(place: string, { before = '', ...options }: SpawnSyncOptions & { before?: string } = {}) {
  const setup = pathToFileURL(join(place, 'scripts', 'setup.mjs')).href;
  const code = `${before}; const { install } = await import(${JSON.stringify(setup)}); install();`;
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
    ...{ cwd: folder, encoding: 'utf8', timeout: 120_000, ...options },
  });
  assert.doesNotMatch(String(stderr), /^\s+at /m, 'no stack trace');
  return { status, stderr: String(stderr) };
}

const asNode = (version: string): string =>
  `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } })`;

for (const version of ['18.20.8', '20.9.0', '20.18.0'])
  test(`Node ${version} is too old`, () => {
    const { status, stderr } = install(checkout(), { before: asNode(version) });
    assert.equal(status, 2);
    assert.match(
      stderr,
      new RegExp(`^Inference Lens needs Node 20\\.18\\.1 or newer; this is ${version} \\(.*\\)\\.$`, 'm'),
    );
    assert.match(stderr, /^ {2}Install a newer one from https:\/\/nodejs\.org/m);
  });

for (const version of ['20.18.1', '20.19.0', '22.1.0', '24.0.0'])
  test(`Node ${version} will do, in a folder with blanks and accents: installed once`, () => {
    const place = checkout();
    assert.deepEqual(install(place, { before: asNode(version) }), { status: 0, stderr: '' });
    const marker = readFileSync(join(place, 'node_modules', '.installed-lock'), 'utf8');
    assert.match(marker, /^[0-9a-f]{64}$/);
    const again = install(place, { before: asNode(version), env: { ...process.env, PATH: '' } });
    assert.deepEqual(again, { status: 0, stderr: '' }, 'npm is not asked again');
  });

for (const entry of ['cli', 'server'])
  test(`dist/${entry}.js says so itself, before anything else of it runs`, () => {
    const bundle = join(projectRoot(), 'dist', `${entry}.js`);
    const preload = join(folder, 'old-node.cjs');
    writeFileSync(preload, asNode('20.18.0'));
    const { status, stderr, stdout } = spawnSync(process.execPath, ['-r', preload, bundle, '--version'], {
      encoding: 'utf8',
      timeout: 60_000,
    });
    assert.deepEqual({ status, stdout }, { status: 2, stdout: '' });
    assert.match(
      stderr,
      /^Inference Lens needs Node 20\.18\.1 or newer; this is 20\.18\.0 \(.*\)\.\n {2}Install/,
    );
  });

test('no npm', () => {
  const { status, stderr } = install(checkout(), { env: { ...process.env, PATH: '' } });
  assert.equal(status, 1);
  assert.match(stderr, /^Cannot start npm: .*\n {2}npm comes with Node .*apt install npm$/m);
});

test('no registry within reach', () => {
  const offline = { npm_config_registry: 'http://127.0.0.1:1/', npm_config_fetch_retries: '0' };
  const cache = { npm_config_cache: join(folder, 'npm cache') };
  const place = checkout({ elsewhere: true });
  const { status, stderr } = install(place, { env: { ...process.env, ...offline, ...cache } });
  assert.equal(status, 1);
  assert.match(stderr, /ECONNREFUSED/, 'what npm says');
  assert.match(
    stderr,
    /^Installing the dependencies failed; npm says why above\.\n {2}It needs the package registry/m,
  );
});

test(
  'a checkout of somebody else',
  { skip: process.getuid?.() !== 0 && 'needs root to become another user' },
  () => {
    const place = checkout();
    chmodSync(place, 0o755);
    const { status, stderr } = install(place, { uid: 65534, gid: 65534 });
    assert.equal(status, 1);
    assert.match(stderr, /check out .* cannot be written by you.*\n {2}Clone into a folder of your own/);
  },
);
