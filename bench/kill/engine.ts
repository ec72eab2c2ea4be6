/** Kills the engine under a language server: during an analysis, and between two. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { analyze } from '../../protocol/requests';
import { writeModel } from '../../server/src/onnx/write';
import { samplePath } from '../../test/support/cli';
import { isRunning, until } from '../../test/support/processes';
import { smallClassifier } from '../../test/support/small-classifier';
import { startServer } from '../../test/lsp/server';
import { enginePids, failureOf, valueOf } from '../../test/lsp/watch';
import type { Random } from '../fuzz/random';
import type { Victim } from './kind';
import { leftovers, wholeReports } from './reports';

export async function openEngine(folder: string): Promise<Victim> {
  const [weights, output] = [join(folder, 'small.onnx'), join(folder, 'output')];
  await writeModel(smallClassifier(), weights);
  const cache = join(folder, 'cache');
  const server = await startServer({}, { env: { INFERENCE_LENS_CACHE: cache } });
  let count = 0;
  const ask = () => {
    count += 1;
    const options = { weights, output, pipeline: 'imagenet', device: 'cpu' as const };
    return server.ask(analyze, { job: `job ${count}`, image: samplePath, options });
  };
  const finish = async () => valueOf(await ask());
  await finish();
  const start = performance.now();
  await finish();
  const warm = performance.now() - start;
  const [expected] = wholeReports(output);
  const check = () => {
    const reports = wholeReports(output);
    for (const logits of reports) assert.deepEqual(logits, expected);
    return reports.length;
  };
  const killEngine = () => {
    const pid = enginePids(server).at(-1);
    assert.ok(pid !== undefined, 'an engine runs');
    process.kill(pid, 'SIGKILL');
  };
  return {
    async kill(random: Random) {
      const before = check();
      if (random.below(4) === 0) {
        killEngine(); // idle: the next analysis must not notice
        await finish();
        assert.equal(check(), before + 1);
        return 'killed';
      }
      const asked = ask();
      await sleep(random.below(warm));
      killEngine();
      const answer = await asked;
      assert.ok(check() >= before);
      if (!answer.ok)
        assert.match(failureOf(answer).message, /^The engine process was killed \(signal SIGKILL\)/);
      await finish(); // a new engine goes on, whatever was left
      return answer.ok ? 'finished first' : 'killed';
    },
    async end() {
      const before = check();
      await finish();
      assert.equal(check(), before + 1);
      const pids = enginePids(server);
      assert.equal(await server.stop(), 0);
      await until(() => !pids.some(isRunning), 'no engine is left');
      assert.deepEqual([...leftovers(output), ...leftovers(cache)], []);
    },
  };
}
