/** Entries of other versions of the code go a day after their last use, once the same network has been made again. */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { graphKey, cachedGraph } from '../../../server/src/pipeline/network/cached-graph';
import { FolderCache } from '../../../server/src/system/cache';
import { buildId } from '../../../server/src/system/paths';
import { smallClassifier } from '../../support/small-classifier';
import { temporaryFolder } from '../../support/temp';

const folder = temporaryFolder('cached-graph');

test('superseded entries go after a day, others stay for a month', async () => {
  const cache = new FolderCache(join(folder, 'graphs'));
  const key = graphKey(['a network'], null);
  assert.ok(key.endsWith(`-${buildId()}`));
  const byOther = (of: string, build: string): string => of.replace(buildId(), build);
  const another = graphKey(['another network'], null);
  const entry = (name: string, days: number): string => {
    mkdirSync(join(cache.root, name), { recursive: true });
    const used = new Date(Date.now() - days * 86_400_000);
    utimesSync(join(cache.root, name), used, used);
    return name;
  };
  entry(byOther(key, 'old'), 2);
  const recent = entry(byOther(key, 'recent'), 0.5);
  const different = [entry(byOther(another, 'old'), 2), entry(another, 20)];
  entry(byOther(another, 'older'), 40);
  await cachedGraph(cache, key, null, () => Promise.resolve({ model: smallClassifier(), about: null }));
  assert.deepEqual(readdirSync(cache.root).sort(), [key, recent, ...different].sort());
});
