/** The folder cache: entries appear whole or not at all. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { FolderCache } from '../../../server/src/system/cache';
import { ownedName, thisProcess } from '../../../files/owner';

let root = '';
before(async () => (root = await mkdtemp(join(tmpdir(), 'lens-cache-'))));
after(() => rm(root, { recursive: true, force: true }));

test('an entry is made once and found again', async () => {
  const cache = new FolderCache(join(root, 'once'));
  let made = 0;
  const make = async (folder: string) => {
    made += 1;
    await writeFile(join(folder, 'value'), 'x');
  };
  const first = await cache.folder('key', make);
  assert.equal(await cache.folder('key', make), first);
  assert.equal(made, 1);
  assert.equal(await readFile(join(first, 'value'), 'utf8'), 'x');
  assert.equal(await cache.size(), 1);
});

test('a failure leaves nothing behind', async () => {
  const cache = new FolderCache(join(root, 'failing'));
  await assert.rejects(
    cache.folder('key', async (folder) => {
      await writeFile(join(folder, 'half'), 'x');
      throw new Error('no');
    }),
    /^Error: no$/,
  );
  assert.deepEqual(await readdir(join(root, 'failing')), []);
});

test('of two makers of one entry the first stays', async () => {
  const cache = new FolderCache(join(root, 'race'));
  const make = (value: string) => async (folder: string) => {
    await writeFile(join(folder, 'value'), value);
    await new Promise((resolve) => setTimeout(resolve, value === 'slow' ? 50 : 0));
  };
  const [slow, fast] = await Promise.all([
    cache.folder('key', make('slow')),
    cache.folder('key', make('fast')),
  ]);
  assert.equal(slow, fast);
  assert.equal(await readFile(join(slow, 'value'), 'utf8'), 'fast');
  assert.deepEqual(await readdir(join(root, 'race')), ['key']);
});

test('what the root cannot take lies in the temporary folder, and a sentence says why', async () => {
  await writeFile(join(root, 'file'), '');
  const temporary = await mkdtemp(join(root, 'temporary-'));
  const cache = new FolderCache(join(root, 'file', 'below'), temporary);
  assert.equal(cache.notCached, null);
  let made = 0;
  const make = async (folder: string) => writeFile(join(folder, 'value'), String(++made));
  const place = await cache.folder('key', make);
  assert.ok(place.startsWith(temporary));
  assert.equal(await cache.folder('key', make), place);
  assert.deepEqual([made, cache.has('key'), cache.has('other')], [1, true, false]);
  assert.match(String(cache.notCached), /below cannot be written \(ENOTDIR/);
  await cache.remove('key');
  assert.equal(cache.has('key'), false);
});

test('what fails for other reasons is not tried again elsewhere', async () => {
  const cache = new FolderCache(join(root, 'file', 'below'), root);
  await assert.rejects(
    cache.folder('key', () => Promise.reject(new Error('no'))),
    /^Error: no$/,
  );
  const sound = new FolderCache(join(root, 'sound'), root);
  const missing = () => readFile('/of/the/user', 'utf8').then(() => undefined);
  await assert.rejects(sound.folder('key', missing), { code: 'ENOENT', path: '/of/the/user' });
  assert.equal(sound.notCached, null);
  assert.deepEqual(
    (await readdir(root)).filter((name) => name.includes('uncached')),
    [],
  );
});

test('where neither folder can be written it is an output error with a fix', async () => {
  const cache = new FolderCache(join(root, 'file', 'below'), join(root, 'file', 'temporary'));
  await assert.rejects(
    cache.folder('key', () => Promise.resolve()),
    {
      name: 'LensError',
      kind: 'output',
      message: /below cannot be written .* nor can .*file\/temporary/,
      fix: /INFERENCE_LENS_CACHE/,
    },
  );
});

test('a new cache drops what a process that is known to be dead left half-made, at the first use', async () => {
  const { root: folder } = new FolderCache(join(root, 'killed'));
  const dead = { ...thisProcess(), pid: 99_999_999 };
  const alive = `${ownedName('.making-b-')}x`;
  for (const name of [`${ownedName('.making-a-', dead)}x`, alive, '.making-young'])
    await mkdir(join(folder, name), { recursive: true });
  await new FolderCache(folder).folder('key', () => Promise.resolve());
  assert.deepEqual((await readdir(folder)).sort(), [alive, '.making-young', 'key'].sort());
});

test('a new cache drops the uncached entries of a process that is known to be dead, and those of no other', async () => {
  const temporary = join(root, 'left');
  const dead = { ...thisProcess(), pid: 99_999_999 };
  const alive = `${ownedName('inference-lens-uncached-')}x`;
  const kept = [alive, 'inference-lens-uncached-young', `${ownedName('of-another-', dead)}x`];
  for (const name of [`${ownedName('inference-lens-uncached-', dead)}x`, ...kept])
    await mkdir(join(temporary, name), { recursive: true });
  await new FolderCache(join(root, 'beside-left'), temporary).folder('key', () => Promise.resolve());
  assert.deepEqual((await readdir(temporary)).sort(), kept.sort());
});

test('pruning drops what is old and what a crash left', async () => {
  const cache = new FolderCache(join(root, 'old'));
  const old = await cache.folder('old', () => Promise.resolve());
  const fresh = await cache.folder('fresh', () => Promise.resolve());
  await mkdir(join(root, 'old', '.making-x'));
  const past = new Date(Date.now() - 40 * 86_400_000);
  await utimes(old, past, past);
  await utimes(join(root, 'old', '.making-x'), past, past);
  await cache.prune(30);
  assert.deepEqual([existsSync(old), existsSync(fresh)], [false, true]);
  assert.deepEqual(await readdir(join(root, 'old')), ['fresh']);
});
