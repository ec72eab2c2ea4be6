/** Sessions in threads: the same numbers and errors as without, an orderly end, and no hang when a thread dies. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { encodeModel } from '../../../server/src/onnx/write';
import { createSession } from '../../../server/src/runtime/onnxruntime';
import type { Session, Tensor } from '../../../server/src/runtime/session';
import { openSession, startSessionThread } from '../../../server/src/runtime/session-thread';
import { fromSource, root } from '../../support/cli';
import { smallClassifier } from '../../support/small-classifier';
import { temporaryFolder } from '../../support/temp';

const folder = temporaryFolder('session-thread');
const model = encodeModel(smallClassifier());
const cpu = { provider: 'cpu', threads: 1 } as const;

const image = (side = 64): Tensor => ({
  type: 'float32',
  dims: [1, 3, side, side],
  data: Float32Array.from({ length: 3 * side * side }, (_, i) => ((i * 37) % 101) / 101),
});

const feedsOf = ({ inputNames }: Session, tensor = image()): Record<string, Tensor> =>
  Object.fromEntries(inputNames.map((name) => [name, tensor]));

describe('a session in a thread', () => {
  test('gives the numbers of one without, and leaves its inputs as they were', async () => {
    const near = await createSession(model, cpu);
    const far = await openSession(model, cpu);
    assert.deepEqual([far.inputNames, far.outputNames], [near.inputNames, near.outputNames]);
    const tensor = image();
    const expected = await near.run(feedsOf(near));
    for (let round = 0; round < 3; round++) assert.deepEqual(await far.run(feedsOf(far, tensor)), expected);
    assert.deepEqual(tensor, image());
    assert.equal(await far.nodePlacement(), null);
    await Promise.all([near.dispose(), far.dispose()]);
  });

  test('leaves this thread free while it loads', async () => {
    let turns = 0;
    const counting = setInterval(() => (turns += 1), 1);
    const session = await openSession(model, cpu);
    clearInterval(counting);
    assert.ok(turns > 1, `${turns} turns of the event loop`);
    await session.dispose();
  });

  test('fails as one without does', async () => {
    const nonsense = join(folder, 'nonsense.onnx');
    writeFileSync(nonsense, 'no model');
    await assert.rejects(openSession(nonsense, cpu), {
      name: 'LensError',
      kind: 'model',
      message: /onnxruntime does not accept .*nonsense\.onnx/,
      fix: /exporter/,
    });
    await assert.rejects(openSession(join(folder, 'absent.onnx'), cpu), {
      kind: 'model',
      message: /absent\.onnx/,
    });
    const session = await openSession(model, cpu);
    await assert.rejects(session.run(feedsOf(session, image(8))), { kind: 'model', message: /64/ });
    assert.ok(await session.run(feedsOf(session)), 'a failed run does not end the session');
    await session.dispose();
  });

  test('ends after what it was asked before, once, and says so to whom asks later', async () => {
    const session = await openSession(model, cpu);
    const running = session.run(feedsOf(session));
    await Promise.all([session.dispose(), session.dispose()]);
    assert.ok(Object.keys(await running).length > 0);
    await assert.rejects(session.run(feedsOf(session)), { kind: 'internal', message: /disposed/ });
    await session.dispose();
  });

  test('may be opened and ended many times, several at once', async () => {
    const built = { path: join(root, 'dist', 'session-worker.js'), execArgv: [] };
    const once = async (): Promise<void> => {
      const session = await openSession(model, cpu, built);
      await session.run(feedsOf(session));
      await session.dispose();
    };
    for (let round = 0; round < 10; round++) await Promise.all([once(), once(), once()]);
  });

  test('a thread that waits optimizes models, is none the worse for one that is refused, and then opens one', async () => {
    const thread = startSessionThread();
    const optimizedModelPath = join(folder, 'optimized-here.onnx');
    await thread.optimize(model, { ...cpu, optimizedModelPath });
    assert.ok(existsSync(optimizedModelPath));
    await assert.rejects(thread.optimize(Buffer.from('no model'), { ...cpu, optimizedModelPath }), {
      kind: 'model',
    });
    const [far, near] = [await thread.open(optimizedModelPath, cpu), await createSession(model, cpu)];
    assert.deepEqual(await far.run(feedsOf(far)), await near.run(feedsOf(near)));
    await Promise.all([near.dispose(), far.dispose()]);
  });

  test('may wait for what it is to open, and end without', async () => {
    const [used, unused] = [startSessionThread(), startSessionThread()];
    const session = await used.open(model, cpu);
    assert.ok(Object.keys(await session.run(feedsOf(session))).length > 0);
    await Promise.all([session.dispose(), unused.end()]);
    await assert.rejects(unused.open(model, cpu), { kind: 'internal', message: /disposed/ });
  });

  test('does not keep the process alive, and its end is a clean one, disposed of or not', () => {
    const program = `
      import { readFileSync } from 'node:fs';
      import { openSession, startSessionThread } from './server/src/runtime/session-thread';
      const [model, dispose] = process.argv.slice(2);
      const image = { type: 'float32', dims: [1, 3, 64, 64], data: new Float32Array(3 * 64 * 64) } as const;
      void openSession(readFileSync(model as string), { provider: 'cpu' }).then(async (session) => {
        const [input] = session.inputNames;
        process.stdout.write(Object.keys(await session.run({ [input as string]: image })).join());
        if (dispose === 'dispose') await session.dispose();
      });`;
    const path = join(folder, 'program.ts');
    const file = join(folder, 'small.onnx');
    writeFileSync(path, program.replace('./server', join(root, 'server')));
    writeFileSync(file, model);
    for (const end of ['dispose', 'leave']) {
      const output = execFileSync(process.execPath, [...fromSource, path, file, end], {
        timeout: 60_000,
      });
      assert.equal(output.toString(), 'probabilities');
    }
  });
});

describe('a thread that dies', () => {
  /** What a network of this project cannot be made to do: the thread opens its session, then falls as it is told. */
  const scripted = (fall: string): { path: string; execArgv: readonly string[] } => {
    const path = join(folder, `${fall.replace(/\W+/g, '-')}.cjs`);
    writeFileSync(
      path,
      `const { parentPort } = require('node:worker_threads');
       parentPort.on('message', ({ kind }) => {
         if (kind === 'open') parentPort.postMessage({ ok: true, value: { provider: 'cpu', inputNames: ['x'], outputNames: [] } });
         else { ${fall}; }
       });`,
    );
    return { path, execArgv: [] };
  };

  for (const [fall, message] of [
    [`throw new Error('fell over')`, /ended: fell over/],
    ['process.exit(3)', /exit code 3/],
  ] as const)
    test(`by ${fall} fails what it was asked, and what is asked later`, async () => {
      const session = await openSession(model, cpu, scripted(fall));
      const [first, second] = [session.run({}), session.run({})];
      await assert.rejects(first, { name: 'LensError', kind: 'internal', message });
      await assert.rejects(second, { kind: 'internal', message });
      await assert.rejects(session.run({}), { kind: 'internal', message });
      await session.dispose();
    });

  test('before it opened a session fails that', async () => {
    const path = join(folder, 'early.cjs');
    writeFileSync(path, `require('no-such-module')`);
    await assert.rejects(openSession(model, cpu, { path, execArgv: [] }), {
      kind: 'internal',
      message: /no-such-module/,
    });
  });

  test('of too little memory is the device’s fault', async () => {
    const session = await openSession(
      model,
      cpu,
      scripted(`throw Object.assign(new Error('heap'), { code: 'ERR_WORKER_OUT_OF_MEMORY' })`),
    );
    await assert.rejects(session.run({}), { kind: 'device', message: /ran out of memory/ });
    await session.dispose();
  });
});
