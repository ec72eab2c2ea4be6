/** The built server and its engine under fuzzing: asked as an editor asks, and measured from outside. */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Outcome } from '../../../protocol/failure';
import { rawClient, type RawClient } from '../../../test/lsp/raw-client';
import { statusBytes } from '../memory';

/** Ticks of /proc/PID/stat in a second; 100 on every Linux that Node runs on (sysconf(_SC_CLK_TCK)). */
const TICKS = 100;

export class ServerUnderTest {
  private asked = 0;
  private idle = new Map<number, number>();
  private cpu = new Map<number, number>();

  private constructor(private readonly client: RawClient) {}

  /** @param settings the section `inferenceLens` */
  static async start(cwd: string, settings: object): Promise<ServerUnderTest> {
    const client = rawClient({ cwd });
    client.send({
      id: 'initialize',
      method: 'initialize',
      params: { processId: process.pid, rootUri: null, capabilities: {}, initializationOptions: settings },
    });
    await client.next(({ id }) => id === 'initialize');
    return new ServerUnderTest(client);
  }

  /** @throws Error where the server does not answer, or answers with an error of the protocol */
  async ask<T>(method: string, params: object): Promise<Outcome<T>> {
    const name = `${method} ${++this.asked}`;
    this.client.send({ id: name, method, params: { job: name, ...params } });
    const { result, error } = await this.client.next(({ id }) => id === name);
    this.client.forget();
    if (error) throw new Error(`${method}: ${error.message}`);
    return result as Outcome<T>;
  }

  /** What the processes take now is idle. */
  settle(): Promise<void> {
    this.idle = new Map(this.pids().map((pid) => [pid, statusBytes(pid, 'VmRSS') ?? 0]));
    return Promise.resolve();
  }

  /** From here on `used` counts. */
  begin(): void {
    const pids = this.pids();
    this.cpu = new Map(pids.map((pid) => [pid, cpuTicks(pid)]));
    for (const pid of pids) {
      try {
        writeFileSync(`/proc/${pid}/clear_refs`, '5'); // as memory.ts does
      } catch {
        // no procfs: peaks only grow
      }
    }
  }

  /** CPU seconds of server and engine since `begin`; the larger of their peaks above idle, in bytes. */
  used(): { readonly seconds: number; readonly bytes: number } {
    const pids = this.pids();
    const ticks = pids.reduce((sum, pid) => sum + cpuTicks(pid) - (this.cpu.get(pid) ?? 0), 0);
    const above = pids.map((pid) => (statusBytes(pid, 'VmHWM') ?? 0) - (this.idle.get(pid) ?? 0));
    return { seconds: ticks / TICKS, bytes: Math.max(0, ...above) };
  }

  async stop(): Promise<void> {
    this.client.send({ id: 'end', method: 'shutdown' });
    await this.client.next(({ id }) => id === 'end');
    this.client.send({ method: 'exit' });
    await this.client.end();
  }

  /** The server's, and those of its engines that live. */
  private pids(): readonly number[] {
    const engines = this.client.log().flatMap((line) => /^Engine (\d+) started/.exec(line)?.[1] ?? []);
    return [this.client.pid, ...engines.map(Number)].filter((pid) => statusBytes(pid, 'VmRSS') !== null);
  }
}

/** User and system time of a process. */
function cpuTicks(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return Number(fields[11]) + Number(fields[12]);
  } catch {
    return 0;
  }
}
