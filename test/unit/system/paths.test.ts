/** Where the project finds itself and its cache. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { cacheRoot, projectRoot, projectVersion } from '../../../server/src/system/paths';

test('the project root holds what ships', () => {
  assert.equal(projectRoot(), resolve(__dirname, '..', '..', '..'));
  assert.ok(existsSync(join(projectRoot(), 'models')));
  assert.match(projectVersion(), /^\d+\.\d+\.\d+$/);
});

const rows: readonly (readonly [string, NodeJS.ProcessEnv, NodeJS.Platform, string])[] = [
  ['the override', { INFERENCE_LENS_CACHE: '/x/y' }, 'linux', '/x/y'],
  ['XDG', { XDG_CACHE_HOME: '/c' }, 'linux', '/c/inference-lens'],
  [
    'a relative XDG folder is ignored, as its specification says',
    { XDG_CACHE_HOME: 'c' },
    'linux',
    join(homedir(), '.cache/inference-lens'),
  ],
  ['Linux', {}, 'linux', join(homedir(), '.cache/inference-lens')],
  ['macOS', {}, 'darwin', join(homedir(), 'Library/Caches/inference-lens')],
  ['Windows', { LOCALAPPDATA: '/local' }, 'win32', '/local/inference-lens'],
];
for (const [name, env, platform, expected] of rows) {
  test(`cache folder: ${name}`, () => assert.equal(cacheRoot(env, platform), expected));
}
