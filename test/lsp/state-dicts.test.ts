/** The state dicts of a checkpoint through the built server: the choice travels with the failure, and comes back in the request. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { analyze, importModel } from '../../protocol/requests';
import { expanded, expandedFile } from '../support/checkpoints/expanded';
import { samplePath } from '../support/cli';
import { temporaryFolder } from '../support/temp';
import { savedShapes } from '../unit/architectures/state-dicts';
import { startServer, type RunningServer } from './server';
import { failureOf, valueOf } from './watch';

const folder = temporaryFolder('lsp-state-dicts');
process.env['INFERENCE_LENS_CACHE'] = join(folder, 'cache');
const resnet = savedShapes('torchvision/resnet18');
const path = join(folder, 'two.pth');
const names = ['student', 'teacher'];

let server: RunningServer;
before(async () => {
  writeFileSync(path, expandedFile({ student: expanded(resnet), teacher: expanded(resnet, 1) }));
  server = await startServer();
});
after(() => server.stop());

test('an import that needs a choice names it; with one it is kept', async () => {
  const failure = failureOf(await server.ask(importModel, { job: 'a', path, id: null }));
  assert.deepEqual(failure.remedies, [{ do: 'choose-state-dict', names }]);
  assert.match(failure.fix ?? '', /the setting “Inference Lens: State Dict”/);
  const model = valueOf(await server.ask(importModel, { job: 'b', path, id: null, stateDict: 'teacher' }));
  assert.deepEqual(model.stateDicts, { read: 'teacher', others: ['student'] });
});

test('an analysis likewise, and its report says which was requested', async () => {
  const options = {
    weights: path,
    pipeline: 'imagenet',
    detector: 'none',
    device: 'cpu',
    output: join(folder, 'out'),
  } as const;
  const failure = failureOf(await server.ask(analyze, { job: 'c', image: samplePath, options }));
  assert.deepEqual(failure.remedies, [{ do: 'choose-state-dict', names }]);
  const { report } = valueOf(
    await server.ask(analyze, { job: 'd', image: samplePath, options: { ...options, stateDict: 'student' } }),
  );
  assert.equal(report.model.checkpoint?.requestedStateDict, 'student');
});
