/** The runtime's native side starts with what we decided: it reports nothing home and leaves nothing on the disk. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { encodeModel } from '../../../server/src/onnx/write';
import { prepareNativeEnvironment } from '../../../server/src/runtime/native-environment';
import { fromSource, root } from '../../support/cli';
import { smallClassifier } from '../../support/small-classifier';
import { temporaryFolder } from '../../support/temp';

test('defaults are set, and what the user has set stays', () => {
  const unset: NodeJS.ProcessEnv = {};
  prepareNativeEnvironment(unset);
  assert.deepEqual(unset, { ORT_DISABLE_TELEMETRY: '1', NVIDIA_TF32_OVERRIDE: '0' });
  const set = { ORT_DISABLE_TELEMETRY: '0', NVIDIA_TF32_OVERRIDE: '1' };
  prepareNativeEnvironment(set);
  assert.deepEqual(set, { ORT_DISABLE_TELEMETRY: '0', NVIDIA_TF32_OVERRIDE: '1' });
});

test('a session leaves no id, database or log of the runtime behind', () => {
  const folder = temporaryFolder('telemetry');
  const home = join(folder, 'home');
  mkdirSync(home);
  const model = join(folder, 'small.onnx');
  writeFileSync(model, encodeModel(smallClassifier()));
  const runtime = join(root, 'server', 'src', 'runtime', 'onnxruntime');
  const script =
    `require(${JSON.stringify(runtime)}).createSession(${JSON.stringify(model)})` +
    '.then((session) => session.dispose());';
  const env = { ...process.env, HOME: home, TMPDIR: home, XDG_CACHE_HOME: home };
  Reflect.deleteProperty(env, 'ORT_DISABLE_TELEMETRY'); // a session of this very process has set it
  execFileSync(process.execPath, [...fromSource, '-e', script], { cwd: root, env, stdio: 'pipe' });
  assert.deepEqual(readdirSync(home, { recursive: true }), []);
});
