/** `inference-lens mcp`: the tools for agents, over standard input and output. */
import { Console } from 'node:console';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { McpServer } from '../agents/mcp';
import { createEngine } from '../engine/engine';
import { LensError } from '../errors';
import { printable } from '../printable';
import { projectVersion } from '../system/paths';
import { noteDeprecations } from './deprecations';
import { DONE } from './exit-codes';
import { parseOptions } from './options';
import { fixFor } from './remedies';
import { Terminal } from './terminal';

/** Most characters of a line: arguments are names and paths. */
const LONGEST_LINE = 1_000_000;

/** Ends when its input does. The options of `analyze` apply where a tool's arguments leave something open. */
export async function runMcp(args: readonly string[], signal: AbortSignal): Promise<number> {
  const { options, values, positionals } = parseOptions(args);
  if (positionals.length > 0)
    throw new LensError('usage', `mcp takes only options; found "${positionals.join(' ')}".`, {
      fix: 'Images and models are named by the tools that are called.',
    });
  noteDeprecations(options, new Terminal(values['quiet'] === true));
  // Standard output belongs to the protocol: nothing else may print to it.
  globalThis.console = new Console(process.stderr, process.stderr);
  const own = values['output'] === undefined ? await mkdtemp(join(tmpdir(), 'inference-lens-mcp-')) : null;
  const engine = createEngine();
  const server = new McpServer({
    version: projectVersion(),
    send: (message) => void process.stdout.write(`${JSON.stringify(message)}\n`),
    words: (error) =>
      printable([error.message, fixFor(error)].filter((text) => text !== undefined).join(' ')),
    call: (tool, given, { signal: stopped, progress }) =>
      engine.run(
        'callTool',
        { tool, input: JSON.stringify(given), options: own === null ? options : { ...options, output: own } },
        { signal: stopped, progress: ({ fraction, message }) => progress(fraction, message) },
      ),
  });
  const underWay = new Set<Promise<void>>();
  const lines = createInterface({ input: process.stdin, crlfDelay: Infinity });
  signal.addEventListener('abort', () => lines.close());
  for await (const line of lines) {
    if (line.trim() === '') continue;
    const text = line.length > LONGEST_LINE ? '' : line;
    const work = server.receive(text).finally(() => underWay.delete(work));
    underWay.add(work);
  }
  server.stop();
  await Promise.allSettled(underWay);
  await engine.dispose();
  if (own !== null) await rm(own, { recursive: true, force: true });
  return DONE;
}
