/**
 * `npm run bench chaos [-- --pictures 2000 --seed 1]`: four workers on one queue, one killed every few seconds, Redis killed once and started
 * again with its append-only file, the network silent for ten seconds. The table has to be that of a single machine, byte for byte.
 */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { cliPath, runCli } from '../test/support/cli';
import { writeSet } from '../test/support/labelled-set';
import { redisMissing, startProxy, startRedis } from '../test/support/redis';
import { filesBelow } from '../test/support/report';
import { Random } from './fuzz/random';
import { main } from './script';
import { grid } from './table';

const { values } = parseArgs({
  options: { pictures: { type: 'string', default: '2000' }, seed: { type: 'string', default: '1' } },
});
const WORKERS = 4;
const KILL_EVERY_MS = 3000;
const STALL_MS = 10_000;
/** Shorter than the silence, so that locks run out in it and jobs are done twice. */
const LOCK_SECONDS = '5';
const network = ['--weights', 'mobilenet_v2', '--labels', 'none', '--device', 'cpu', '--threads', '1'];

/** One worker's place: when it dies, another follows until the evaluation is over. */
class Seat {
  killed = 0;
  pictures = 0;
  /** Workers that were started while Redis was down. */
  refused = 0;
  private child: ChildProcess | null = null;
  private output = '';

  constructor(private readonly url: string) {}

  /** Returns when a worker has ended by itself. */
  async run(): Promise<void> {
    for (;;) {
      const child = spawn(
        process.execPath,
        [cliPath, 'worker', '--queue', this.url, '--lock', LOCK_SECONDS],
        {
          stdio: ['ignore', 'ignore', 'pipe'],
        },
      );
      this.child = child;
      this.output = '';
      child.stderr.on('data', (data: Buffer) => (this.output += data.toString()));
      const [code, signal] = await new Promise<[number | null, string | null]>((resolve) =>
        child.on('close', (...ended) => resolve(ended)),
      );
      this.child = null;
      this.pictures += Number([...this.output.matchAll(/^(\d+) pictures? in/gm)].at(-1)?.[1] ?? 0);
      if (code === 0) return;
      if (signal !== null) continue;
      assert.match(this.output, /nothing listens there|does not answer|was lost/); // while Redis was down
      this.refused += 1;
      await sleep(1000); // as a supervisor would
    }
  }

  /** Whether it has finished a job, so that it is killed at work. */
  get works(): boolean {
    return this.child !== null && / in \d+ jobs?/.test(this.output);
  }

  kill(): void {
    this.killed += 1;
    this.child?.kill('SIGKILL');
  }
}

async function measure(): Promise<string> {
  const missing = await redisMissing();
  if (missing !== null) throw new Error(missing);
  const folder = mkdtempSync(join(tmpdir(), 'lens-bench-chaos-'));
  const server = await startRedis(folder);
  const proxy = await startProxy(server.port);
  try {
    const set = join(folder, 'set');
    const count = Math.ceil(Number(values.pictures) / 3);
    writeSet(set, count);
    const total = 3 * count;
    const one = await runCli(['evaluate', set, ...network, '--output', join(folder, 'one')], {
      timeoutMs: 3_600_000,
    });
    assert.equal(one.code, 0, one.stderr);

    const url = `redis://127.0.0.1:${proxy.port}`;
    let [done, over, silences, restarts] = [0, false, 0, 0];
    const asked = [
      'evaluate',
      set,
      ...network,
      '--output',
      join(folder, 'many'),
      '--queue',
      url,
      '--job-size',
      '10',
    ];
    const many = runCli(asked, {
      timeoutMs: 3_600_000,
      onStderr: (text) => {
        done = Number([...text.matchAll(/^(\d+) of \d+/gm)].at(-1)?.[1] ?? 0);
      },
    });
    const start = performance.now();
    while ((await server.ask('EXISTS', '{inference-lens}:evaluation:set:plan')) !== ':1') await sleep(100);
    const seats = Array.from({ length: WORKERS }, () => new Seat(url));
    const random = new Random(Number(values.seed), 0);
    const harm = async (): Promise<void> => {
      while (!over) {
        await sleep(KILL_EVERY_MS);
        const working = seats.filter(({ works }) => works);
        if (working.length > 0) working[random.below(working.length)]?.kill();
        if (restarts === 0 && done > total / 4) {
          restarts += 1;
          await server.kill();
          await sleep(2000);
          await server.start();
        } else if (silences === 0 && done > total / 2) {
          silences += 1;
          await proxy.stall(STALL_MS);
        }
      }
    };
    const harming = harm();
    const working = Promise.all(seats.map((seat) => seat.run()));
    const { code, stderr } = await many;
    over = true;
    const seconds = (performance.now() - start) / 1000;
    assert.equal(code, 0, stderr);
    await Promise.all([working, harming]);

    const [whole, table] = [join(folder, 'one', 'evaluation'), join(folder, 'many', 'evaluation')];
    assert.deepEqual(filesBelow(table), filesBelow(whole));
    for (const name of filesBelow(whole))
      assert.ok(readFileSync(join(whole, name)).equals(readFileSync(join(table, name))), `${name} differs`);
    const rows = readFileSync(join(table, 'rows.jsonl'), 'utf8').trimEnd().split('\n');
    const sum = (of: (seat: Seat) => number): string =>
      String(seats.reduce((all, seat) => all + of(seat), 0));
    return grid(
      ['', ''],
      [
        ['pictures, rows of the table', `${total}, ${rows.length}`],
        ['workers killed while working', sum(({ killed }) => killed)],
        ['Redis killed and started again', String(restarts)],
        ['workers that found no Redis, started again', sum(({ refused }) => refused)],
        [`network silent for ${STALL_MS / 1000} s`, String(silences)],
        ['pictures that workers reported as done, killed ones included', sum(({ pictures }) => pictures)],
        [
          'files equal to those of one machine, byte for byte',
          `${filesBelow(whole).length} of ${filesBelow(whole).length}`,
        ],
        ['seconds', seconds.toFixed(0)],
      ],
    );
  } finally {
    proxy.close();
    await server.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

main(measure);
