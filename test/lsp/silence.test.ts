/** An engine that stops responding: the editor's user is asked, and what was requested meanwhile is done by a new one. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { analyze, listModels } from '../../protocol/requests';
import { root, testCache } from '../support/cli';
import { isRunning, until } from '../support/processes';
import { startServer } from './server';
import { enginePids, failureOf, valueOf } from './watch';

interface Question {
  readonly message: string;
  readonly actions: readonly { readonly title: string }[];
}

test('after 20 seconds of silence a restart is offered, and ends the job that waited', async (t) => {
  const server = await startServer({}, { env: { INFERENCE_LENS_CACHE: testCache } });
  t.after(server.stop);
  const asked = new Promise<Question>((resolve) => {
    server.connection.onRequest('window/showMessageRequest', (question: Question) => {
      resolve(question);
      return question.actions.find(({ title }) => title === 'Restart Engine');
    });
  });
  const answer = server.ask(analyze, {
    job: randomUUID(),
    image: `${root}/samples/portrait.png`,
    options: {},
  });
  await until(() => enginePids(server).length === 1, 'the engine has started');
  const [pid] = enginePids(server);
  assert.ok(pid !== undefined);
  process.kill(pid, 'SIGSTOP');
  const question = await asked;
  assert.equal(question.message, 'Inference Lens: the engine has not responded for 20 seconds.');
  assert.deepEqual(
    question.actions.map(({ title }) => title),
    ['Restart Engine', 'Keep Waiting'],
  );
  const failure = failureOf(await answer);
  assert.equal(failure.kind, 'cancelled');
  assert.match(failure.message, /restarted/);
  await until(() => !isRunning(pid), 'the engine that was stopped has ended');
  assert.ok(valueOf(await server.ask(listModels, {})).length > 0);
  assert.equal(server.stderr(), '');
});
