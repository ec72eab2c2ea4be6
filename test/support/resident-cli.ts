/**
 * Runs the built command line where its process is not what is tested: all runs of a file share one, which has read the code and the
 * runtime. A process for each takes three times as long as what most of them do.
 */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cliPath, root, surroundings, withDemo, type CliOptions, type Finished } from './cli';

/** What a run may be told: nothing that concerns a process. Of the environment, what is read when it is needed. */
export type ResidentOptions = Pick<CliOptions, 'cwd' | 'env' | 'weights' | 'timeoutMs'>;

/** What nothing prints. */
const END = /\0end (\d+)\0$/;

/** What a stream said in one run, and whether that was all. */
class Said {
  private text = '';
  add(text: string): void {
    this.text += text;
  }
  get code(): number | null {
    const code = END.exec(this.text)?.[1];
    return code === undefined ? null : Number(code);
  }
  get whole(): string {
    return this.text.replace(END, '');
  }
}

let resident: ChildProcessWithoutNullStreams | null = null;

function started(): ChildProcessWithoutNullStreams {
  if (resident !== null) return resident;
  const child = spawn(process.execPath, [join(root, 'test', 'support', 'resident-cli.cjs'), cliPath]);
  resident = child;
  child.once('exit', () => (resident = null));
  return child;
}

/** A file of tests ends although its resident waits for more; the resident ends with it, when its input does. */
function keepsAlive(child: ChildProcessWithoutNullStreams, needed: boolean): void {
  for (const one of [child, child.stdin, child.stdout, child.stderr] as { ref(): void; unref(): void }[]) {
    if (needed) one.ref();
    else one.unref();
  }
}

async function run(
  args: readonly string[],
  { cwd = tmpdir(), env, timeoutMs = 240_000 }: ResidentOptions,
): Promise<Finished> {
  const child = started();
  keepsAlive(child, true);
  const [stdout, stderr] = [new Said(), new Said()];
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
  const ended = new AbortController();
  try {
    const both = [
      [child.stdout, stdout],
      [child.stderr, stderr],
    ] as const;
    const all = new Promise<void>((resolve) => {
      for (const [stream, said] of both)
        stream.setEncoding('utf8').on('data', (text: string) => {
          said.add(text);
          if (stdout.code !== null && stderr.code !== null) resolve();
        });
    });
    child.stdin.write(`${JSON.stringify({ args, cwd, env: surroundings(env) })}\n`);
    const died = once(child, 'close', { signal: ended.signal }).catch(() => undefined);
    const death = (await Promise.race([all, died])) as [number | null, NodeJS.Signals | null] | undefined;
    const [code, signal] = death ?? [stdout.code, null];
    return { code, signal, stdout: stdout.whole, stderr: stderr.whole };
  } finally {
    ended.abort();
    clearTimeout(timer);
    for (const stream of [child.stdout, child.stderr]) stream.removeAllListeners('data');
    keepsAlive(child, false);
  }
}

let last: Promise<unknown> = Promise.resolve();

/** Like `runCli`, one after another. A run that ends the process is answered with how, and the next has another. */
export function residentCli(args: readonly string[], options: ResidentOptions = {}): Promise<Finished> {
  const wanted = options.weights === 'unsaid' ? args : withDemo(args);
  const finished = last.then(() => run(wanted, options));
  last = finished.catch(() => undefined);
  return finished;
}
