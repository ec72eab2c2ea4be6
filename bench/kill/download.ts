/** Kills the download of a model card's file; each process continues where the one before it was killed. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ModelCard } from '../../server/src/store/card';
import { ModelStore } from '../../server/src/store/store';
import { smallCheckpoint } from '../../test/support/small-checkpoint';
import type { Random } from '../fuzz/random';
import type { Victim } from './kind';
import { runUntilKilled } from './process';
import { leftovers } from './reports';

/** Pieces in which the server sends the file, and milliseconds between them: slow enough to be met in the middle. */
const PIECES = 20;
const PAUSE = 15;

/** Serves the rest of the file from wherever it is requested. */
async function serve(content: Buffer) {
  const server = createServer((request, response) => {
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const range = { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` };
    const headers = { etag: '"v1"', 'content-length': content.length - from };
    response.writeHead(from > 0 ? 206 : 200, from > 0 ? { ...headers, ...range } : headers);
    void (async () => {
      const step = Math.ceil(content.length / PIECES);
      for (let at = from; at < content.length && !response.destroyed; at += step) {
        response.write(content.subarray(at, at + step));
        await sleep(PAUSE);
      }
      response.end();
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/x.pth`, close };
}

export async function openDownload(folder: string): Promise<Victim> {
  const content = readFileSync(smallCheckpoint(folder, 'zip.pth').path);
  const { url, close } = await serve(content);
  const card: ModelCard = {
    ...{ id: 'x', task: 'classifier', title: 'x', architecture: 'x', pipeline: null, input: null },
    ...{ source: 'page', url, fileNames: ['x.pth'], license: 'x', byHand: null },
    sha256: createHash('sha256').update(content).digest('hex'),
  };
  const [storeFolder, downloads] = [join(folder, 'store'), join(folder, 'downloads')];
  const store = new ModelStore(storeFolder);
  const script = join(import.meta.dirname, '../../test/support/fetch-process.ts');
  const given = JSON.stringify({ card, store: storeFolder, downloads });
  const run = (afterMs: number | null) =>
    runUntilKilled(['--import', 'tsx', script, given], { NO_PROXY: '127.0.0.1' }, afterMs);
  const undisturbed = async () => {
    const { code, stderr, ms } = await run(null);
    assert.equal(code, 0, stderr);
    assert.equal((await store.verify('x')).sha256, card.sha256);
    return ms;
  };
  const whole = await undisturbed();
  await store.remove('x');
  return {
    async kill(random: Random) {
      const { ending, code, stderr } = await run(random.below(whole));
      if (ending === 'finished first') assert.equal(code, 0, stderr);
      const [model] = await store.list();
      if (model !== undefined) {
        await store.verify(model.id);
        await store.remove(model.id);
      }
      return ending;
    },
    async end() {
      await undisturbed().finally(close);
      assert.deepEqual([...leftovers(storeFolder), ...leftovers(downloads)], []);
    },
  };
}
