/** Kills the import of a checkpoint into the store. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ModelStore } from '../../server/src/store/store';
import { cliPath } from '../../test/support/cli';
import { smallCheckpoint } from '../../test/support/small-checkpoint';
import type { Random } from '../fuzz/random';
import type { Victim } from './kind';
import { runUntilKilled } from './process';
import { leftovers } from './reports';

export async function openImport(folder: string): Promise<Victim> {
  const { path } = smallCheckpoint(folder, 'zip.pth');
  const source = readFileSync(path);
  const cache = join(folder, 'cache');
  const store = new ModelStore(join(cache, 'store'));
  const models = (words: readonly string[], afterMs: number | null = null) =>
    runUntilKilled([cliPath, 'models', ...words], { INFERENCE_LENS_CACHE: cache }, afterMs);
  const undisturbed = async (words: readonly string[]) => {
    const { code, stderr, ms } = await models(words);
    assert.equal(code, 0, stderr);
    return ms;
  };
  const whole = await undisturbed(['import', path, '--as', 'kept']);
  /** Every model that the store lists is whole, and the first is always there. */
  const check = async () => {
    const ids = (await store.list()).map(({ id }) => id);
    assert.ok(ids.includes('kept'));
    for (const id of ids) await store.verify(id);
    assert.deepEqual(readFileSync(path), source, 'the file that is imported is as it was');
    return ids;
  };
  return {
    async kill(random: Random) {
      if ((await check()).includes('victim')) await undisturbed(['remove', 'victim']);
      const { ending, code, stderr } = await models(['import', path, '--as', 'victim'], random.below(whole));
      if (ending === 'finished first') assert.equal(code, 0, stderr);
      await check();
      return ending;
    },
    async end() {
      if ((await check()).includes('victim')) await undisturbed(['remove', 'victim']);
      await undisturbed(['import', path, '--as', 'victim']);
      assert.deepEqual([...(await check())].sort(), ['kept', 'victim']);
      assert.deepEqual(leftovers(cache), []);
    },
  };
}
