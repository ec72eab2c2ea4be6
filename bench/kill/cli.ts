/** Kills the command line in the middle of an analysis. */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { cliPath, samplePath } from '../../test/support/cli';
import { smallCheckpoint } from '../../test/support/small-checkpoint';
import type { Random } from '../fuzz/random';
import type { Victim } from './kind';
import { runUntilKilled } from './process';
import { leftovers, wholeReports } from './reports';

export async function openCli(folder: string): Promise<Victim> {
  const weights = smallCheckpoint(folder, 'zip.pth').path;
  const [cache, output] = [join(folder, 'cache'), join(folder, 'output')];
  const args = [
    cliPath,
    'analyze',
    samplePath,
    '--weights',
    weights,
    '--pipeline',
    'imagenet',
    '--output',
    output,
  ];
  const run = (afterMs: number | null) =>
    runUntilKilled([...args, '--detector', 'none', '--quiet'], { INFERENCE_LENS_CACHE: cache }, afterMs);
  const undisturbed = async () => {
    const { code, stderr, ms } = await run(null);
    assert.equal(code, 0, stderr);
    return ms;
  };
  const [cold, warm] = [await undisturbed(), await undisturbed()];
  const [expected] = wholeReports(output);
  const check = () => {
    const reports = wholeReports(output);
    for (const logits of reports) assert.deepEqual(logits, expected);
    return reports.length;
  };
  return {
    async kill(random: Random) {
      const isCold = random.below(3) === 0;
      if (isCold) rmSync(cache, { recursive: true, force: true });
      const before = check();
      const { ending, code, stderr } = await run(random.below(isCold ? cold : warm));
      if (ending === 'finished first') assert.equal(code, 0, stderr);
      assert.ok(check() >= before, 'a report that was there is there');
      return ending;
    },
    async end() {
      const before = check();
      await undisturbed();
      assert.equal(check(), before + 1);
      assert.deepEqual([...leftovers(output), ...leftovers(cache)], []);
    },
  };
}
