/** The engine's memory is given back after the time that the setting says, and a wrong setting is named. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { analyze } from '../../protocol/requests';
import { writeModel } from '../../server/src/onnx/write';
import { samplePath, testCache } from '../support/cli';
import { isRunning, until } from '../support/processes';
import { smallClassifier } from '../support/small-classifier';
import { temporaryFolder } from '../support/temp';
import { startServer } from './server';
import { enginePids, failureOf, valueOf } from './watch';

process.env['INFERENCE_LENS_CACHE'] = testCache;

const folder = temporaryFolder('idle');
const weights = join(folder, 'small.onnx');
before(() => writeModel(smallClassifier(), weights));

const job = (name: string) => ({
  job: name,
  image: samplePath,
  options: { weights, output: join(folder, name), pipeline: 'imagenet', device: 'cpu' as const },
});

test('after inferenceLens.idleMinutes the engine ends; the next analysis starts another', async (t) => {
  const server = await startServer({ idleMinutes: 0.002 });
  t.after(() => server.stop());
  valueOf(await server.ask(analyze, job('first')));
  const [first] = enginePids(server);
  assert.ok(first !== undefined);
  await until(() => !isRunning(first), 'the idle engine has ended');
  valueOf(await server.ask(analyze, job('second')));
  assert.equal(enginePids(server).length, 2);
});

test('a time that is none is refused before an engine is started', async () => {
  for (const idleMinutes of [-1, 'soon', 1e9]) {
    const server = await startServer({ idleMinutes });
    const { kind, message } = failureOf(await server.ask(analyze, job('refused')));
    assert.equal(kind, 'usage');
    assert.match(message, /inferenceLens\.idleMinutes should be a number from 0 to 1440/);
    assert.deepEqual(enginePids(server), []);
    await server.stop();
  }
});
