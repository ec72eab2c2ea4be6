/** A Python peer that waits for a line, does one run, and answers with its times (bench/peers/README.md, --serve). */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface PeerRun {
  readonly total_ms: number;
  readonly steps_ms: Readonly<Record<string, number>>;
  /** What else the peer says of the run. */
  readonly facts: Readonly<Record<string, unknown>>;
  /** Of its process so far. */
  readonly peak_rss_mb: number;
}

export interface Peer {
  run(): Promise<PeerRun>;
  stop(): void;
}

/** Resolves when the peer has loaded its weights. @throws Error with what it said last, if it ends before */
export async function startPeer(python: string, script: string, args: readonly string[]): Promise<Peer> {
  const child = spawn(python, [script, ...args, '--serve'], { stdio: ['pipe', 'pipe', 'pipe'] });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr = (stderr + text).slice(-2000)));
  const ended = new Promise<never>((_, reject) => {
    child.on('error', reject);
    child.on('close', (code) =>
      reject(new Error(`${script} ended with ${String(code)}; bench/peers/check.py may say why.\n${stderr}`)),
    );
  });
  ended.catch(() => undefined); // it may end when nobody waits for it any more
  child.stdin.on('error', () => undefined); // closed with it, which `ended` reports
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<unknown> => {
    const line: IteratorResult<string, unknown> = await Promise.race([lines.next(), ended]);
    return line.done === true ? ended : (JSON.parse(line.value) as unknown);
  };
  await next();
  return {
    run: async () => {
      child.stdin.write('\n');
      return (await next()) as PeerRun;
    },
    stop: () => void child.stdin.end(),
  };
}
