/** The matrix of platforms, how binaries are told apart, and the icon. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import sharp from 'sharp';
import { nativeTarget } from '../../scripts/package/native.mjs';
import { refused, targets } from '../../scripts/package/targets.mjs';
import { root, runPackage } from './vsix';

const runtimes = join(root, 'node_modules', 'onnxruntime-node', 'bin', 'napi-v6');
const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
  packages: Record<string, { version: string; integrity: string; os?: string[]; cpu?: string[] }>;
};

test('every platform of the matrix is packaged or refused, and written down', () => {
  const matrix = ['linux', 'darwin', 'win32'].flatMap((platform) => [`${platform}-x64`, `${platform}-arm64`]);
  assert.deepEqual([...Object.keys(targets), ...Object.keys(refused)].sort(), matrix.sort());
  const documented = readFileSync(join(root, 'docs', 'targets.md'), 'utf8');
  for (const name of matrix) assert.ok(documented.includes(`| \`${name}\` |`), name);
});

for (const target of Object.values(targets)) {
  test(`${target.name}: its runtime is installed and its packages are locked`, () => {
    for (const file of target.runtimeFiles) {
      const bytes = readFileSync(join(runtimes, target.platform, target.arch, file));
      assert.equal(nativeTarget(bytes), target.name, file);
    }
    for (const name of target.nativePackages) {
      const entry = lock.packages[`node_modules/${name}`];
      assert.match(entry?.integrity ?? '', /^sha512-/, name);
      assert.deepEqual([entry?.os, entry?.cpu], [[target.platform], [target.arch]], name);
    }
  });
}

test('a refused target has no runtime, and a run for it says why and writes nothing', () => {
  for (const [name, reason] of Object.entries(refused)) {
    const [platform, arch] = name.split('-') as [string, string];
    assert.equal(existsSync(join(runtimes, platform, arch)), false, `${name} could be packaged now`);
    const { code, stdout, stderr } = runPackage(['--target', name]);
    assert.deepEqual([code, stdout], [1, '']);
    assert.ok(stderr.includes(reason), stderr);
  }
  assert.match(runPackage(['--target', 'amiga-68k']).stderr, /amiga-68k is not known.*linux-x64/);
});

test('binaries are told from other files', () => {
  assert.equal(nativeTarget(readFileSync(process.execPath)), `${process.platform}-${process.arch}`);
  assert.equal(nativeTarget(readFileSync(join(root, 'package.json'))), null);
  assert.equal(nativeTarget(Buffer.from('MZ')), null);
  assert.equal(nativeTarget(Buffer.alloc(64)), null);
});

test('the icon is its drawing, 128 pixels wide', async () => {
  const media = join(root, 'client', 'media');
  const pixels = (file: string) =>
    sharp(join(media, file)).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  const [drawn, icon] = await Promise.all([pixels('icon.svg'), pixels('icon.png')]);
  assert.deepEqual([icon.info.width, icon.info.height], [128, 128]);
  const furthest = drawn.data.reduce(
    (most, value, at) => Math.max(most, Math.abs(value - icon.data[at]!)),
    0,
  );
  assert.ok(furthest <= 2, `a channel differs by ${furthest}; run: node scripts/icon.mjs`);
});
