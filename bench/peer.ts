/** A Python peer that waits for a line, does one run, and answers with its times (bench/peers/README.md, --serve). */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface PeerRun {
  readonly total_ms: number;
  readonly peak_rss_mb: number;
}

export interface Peer {
  run(): Promise<PeerRun>;
  stop(): void;
}

/** Resolves when the peer has loaded its weights. @throws Error if it ends before */
export async function startPeer(python: string, script: string, args: readonly string[]): Promise<Peer> {
  const child = spawn(python, [script, ...args, '--serve'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<unknown> => {
    const line: IteratorResult<string, unknown> = await lines.next();
    if (line.done === true) throw new Error(`${script} ended; run bench/peers/check.py to see why.`);
    return JSON.parse(line.value) as unknown;
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
