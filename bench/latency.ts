/** `npm run bench latency`: how long the language server takes to answer while an analysis runs. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMessageConnection, StreamMessageReader, StreamMessageWriter } from 'vscode-jsonrpc/node';
import { analyze, cancel, progress } from '../protocol/requests';
import { projectRoot } from '../server/src/system/paths';
import { main } from './script';
import { table } from './table';

const EVERY_MS = 20;

async function measure(): Promise<string> {
  const output = await mkdtemp(join(tmpdir(), 'lens-latency-'));
  const server = spawn(process.execPath, [join(projectRoot(), 'dist', 'server.js'), '--stdio'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const connection = createMessageConnection(
    new StreamMessageReader(server.stdout),
    new StreamMessageWriter(server.stdin),
  );
  connection.onNotification(progress.method, () => undefined);
  connection.listen();
  const latencies: number[] = [];
  try {
    await connection.sendRequest('initialize', { processId: process.pid, rootUri: null, capabilities: {} });
    await connection.sendNotification('initialized', {});
    let running = true;
    const image = join(projectRoot(), 'samples', 'portrait.png');
    const analysis = connection
      .sendRequest(analyze.method, { job: 'bench', image, options: { output, weights: 'demo' } })
      .finally(() => (running = false));
    while (running) {
      const start = performance.now();
      await connection.sendRequest(cancel.method, { job: 'nobody' });
      latencies.push(performance.now() - start);
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
    const answer = (await analysis) as { readonly ok: boolean };
    if (!answer.ok) throw new Error(`The analysis failed: ${JSON.stringify(answer)}`);
    await connection.sendRequest('shutdown');
    await connection.sendNotification('exit');
  } finally {
    connection.dispose();
    server.kill();
    await rm(output, { recursive: true, force: true });
  }
  const sorted = [...latencies].sort((a, b) => a - b);
  const p99 = sorted[Math.floor(sorted.length * 0.99)] ?? NaN;
  const answers = table('answer while an analysis runs', 'ms', [{ name: 'request', values: latencies }]);
  return `${answers}\n\n99% within ${p99.toFixed(1)} ms.`;
}

main(measure);
