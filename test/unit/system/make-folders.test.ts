/** Folders are made with those above them, and what cannot be made is an error rather than a wait for ever. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeFolders } from '../../../server/src/system/make-folders';
import { outputError } from '../../../server/src/report/output-error';
import { temporaryFolder } from '../../support/temp';

const folder = temporaryFolder('make-folders');

test('names the outermost that was missing; makes nothing twice', async () => {
  const deep = join(folder, 'a', 'b', 'c');
  assert.equal(await makeFolders(deep), join(folder, 'a'));
  assert.ok(statSync(deep).isDirectory());
  assert.equal(await makeFolders(deep), undefined);
  assert.equal(await makeFolders(join(deep, 'd')), join(deep, 'd'));
  assert.equal(await makeFolders('/'), undefined);
});

test('two at once: both have it', async () => {
  const deep = join(folder, 'x', 'y', 'z');
  await Promise.all([makeFolders(deep), makeFolders(deep), makeFolders(join(deep, 'w'))]);
  assert.ok(existsSync(join(deep, 'w')));
});

test('a link to a folder is one; a file, or a link to nothing, is not', async () => {
  mkdirSync(join(folder, 'real'));
  symlinkSync(join(folder, 'real'), join(folder, 'link'));
  assert.equal(await makeFolders(join(folder, 'link')), undefined);
  writeFileSync(join(folder, 'file'), '');
  symlinkSync(join(folder, 'nothing'), join(folder, 'dangling'));
  for (const [path, code] of [
    ['file', 'EEXIST'],
    ['file/below', 'ENOTDIR'],
    ['dangling', 'EEXIST'],
  ] as const)
    await assert.rejects(makeFolders(join(folder, path)), { code });
});

test('a file system without folders of one’s own says so', { skip: !existsSync('/proc/self') }, async () => {
  const path = '/proc/inference-lens/reports';
  await assert.rejects(makeFolders(path), (error) => {
    assert.match(outputError(path, error).message, /\/proc\/inference-lens\/reports: .*takes no folders/);
    return true;
  });
});
