/**
 * `npm run bench queue [-- --jobs 100000 --pictures 1000]`: what a queue of `evaluate --queue` takes in a real Redis: jobs with the paths and
 * labels of their pictures, as the product writes them, and rows that wait to be collected.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { deflateRaw } from 'node:zlib';
import { parseAddress } from '../server/src/cli/queue-option';
import { connect } from '../server/src/evaluation/queue/connect';
import { openQueue, putJobs } from '../server/src/evaluation/queue/jobs';
import type { Plan, Task } from '../server/src/evaluation/queue/plan';
import { QueueStore } from '../server/src/evaluation/queue/store';
import { root, runCli } from '../test/support/cli';
import { redisMissing, startRedis } from '../test/support/redis';
import { main } from './script';
import { grid } from './table';

const { values } = parseArgs({
  options: { jobs: { type: 'string', default: '100000' }, pictures: { type: 'string', default: '1000' } },
});
const [jobs, pictures] = [Number(values.jobs), Number(values.pictures)];
const CHUNK = 500;

/** As ImageNet names its pictures, all different, in a thousand folders. */
function tasksOf(job: number): readonly Task[] {
  return Array.from({ length: pictures }, (_, i): Task => {
    const picture = job * pictures + i;
    const label = Math.floor(picture / ((jobs * pictures) / 1000));
    const folder = `n${String(1440764 + 11 * label).padStart(8, '0')}`;
    return [`train/${folder}/${folder}_${(picture * 7919) % (jobs * pictures)}.JPEG`, folder, label];
  });
}

async function measure(): Promise<string> {
  const missing = await redisMissing();
  if (missing !== null) throw new Error(missing);
  const folder = mkdtempSync(join(tmpdir(), 'lens-bench-queue-'));
  const server = await startRedis(folder, ['--auto-aof-rewrite-percentage', '0']);
  const address = parseAddress(server.url, 'bench', {});
  const connection = await connect(address, () => undefined);
  try {
    const { redis } = connection;
    const used = async (): Promise<number> =>
      Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1]);
    const store = new QueueStore(redis, address);
    const queue = await openQueue(store);
    const token = 'bench';
    await store.putPlan({ token } as Plan);
    const before = await used();
    const start = performance.now();
    for (let at = 0; at < jobs; at += CHUNK) {
      const chunk = Array.from({ length: Math.min(CHUNK, jobs - at) }, (_, i) => at + i);
      await putJobs(store, queue, token, chunk, tasksOf);
    }
    const seconds = (performance.now() - start) / 1000;
    const all = (await used()) - before;
    const { waiting = 0 } = await queue.getJobCounts('waiting');
    if (waiting !== jobs) throw new Error(`${waiting} jobs are in the queue, not ${jobs}`);
    const paths = Number(
      await redis.call('MEMORY', 'USAGE', '{inference-lens}:bench:set:tasks', 'SAMPLES', '0'),
    );
    const aof = Number(/aof_current_size:(\d+)/.exec(await redis.info('persistence'))?.[1]);
    const row = await packedRow(folder);
    const per = (bytes: number): string => Math.round(bytes / jobs).toLocaleString('en');
    const mb = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;
    const version = /redis_version:(\S+)/.exec(await redis.info('server'))?.[1] ?? '';
    return [
      `${jobs.toLocaleString('en')} jobs of ${pictures.toLocaleString('en')} pictures each, ${(jobs * pictures).toLocaleString('en')} pictures, in Redis ${version}, filled in ${seconds.toFixed(0)} s.`,
      grid(
        ['', 'bytes per job', 'in all'],
        [
          ['jobs and locks (BullMQ)', per(all - paths), mb(all - paths)],
          ['paths and labels of the pictures', per(paths), mb(paths)],
          ['**together**', `**${per(all)}**`, `**${mb(all)}**`],
          ['append-only file, before it is rewritten', per(aof), mb(aof)],
        ],
      ),
      `A packed row with the heatmap of one layer takes ${row.toFixed(0)} bytes (samples/watermark): a job of ${pictures.toLocaleString('en')} ${mb(row * pictures)}, the 500 jobs that workers may be ahead of \`evaluate\` ${mb(row * pictures * 500)}.`,
    ].join('\n\n');
  } finally {
    connection.close();
    await server.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Bytes of one row among others, as a worker sends them. */
async function packedRow(folder: string): Promise<number> {
  const sample = join(root, 'samples', 'watermark');
  const options = ['--weights', join(sample, 'cheater.onnx'), '--layers', 'last', '--output', folder];
  const { code, stderr } = await runCli(['evaluate', join(sample, 'pictures'), ...options]);
  if (code !== 0) throw new Error(stderr);
  const text = readFileSync(join(folder, 'evaluation', 'rows.jsonl'), 'utf8');
  return (await promisify(deflateRaw)(text)).length / (text.split('\n').length - 1);
}

main(measure);
