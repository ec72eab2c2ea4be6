/** The built language server as a child process, spoken to over stdio as any editor would. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  StreamMessageReader,
  StreamMessageWriter,
  createMessageConnection,
  type MessageConnection,
} from 'vscode-jsonrpc/node';
import type { Outcome } from '../../protocol/failure';
import type { RequestName } from '../../protocol/requests';

export interface RunningServer {
  readonly connection: MessageConnection;
  readonly process: ChildProcess;
  /** A folder for reports, removed when the server stops. */
  readonly output: string;
  /** Everything that the server wrote to stderr. */
  readonly stderr: () => string;
  /** Lines that the server logged for the editor's output channel. */
  readonly log: readonly string[];
  readonly ask: <Params, Answer>(
    name: RequestName<Params, Outcome<Answer>>,
    params: Params,
  ) => Promise<Outcome<Answer>>;
  /** `shutdown`, `exit`, then the exit code. */
  readonly stop: () => Promise<number | null>;
}

export interface Spawned {
  /** Of the extension, where another than this checkout is meant. */
  readonly root?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly uid?: number;
}

/** @param settings the section `inferenceLens` as the editor would answer */
export async function startServer(
  settings: Readonly<Record<string, unknown>> = {},
  { root = resolve('.'), env = {}, uid }: Spawned = {},
): Promise<RunningServer> {
  const output = await mkdtemp(join(tmpdir(), 'lens-lsp-'));
  const child = spawn(process.execPath, [join(root, 'dist', 'server.js'), '--stdio'], {
    stdio: 'pipe',
    env: { ...process.env, ...env },
    ...(uid === undefined ? {} : { uid }),
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const connection = createMessageConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  const log: string[] = [];
  connection.onNotification('window/logMessage', ({ message }: { message: string }) => log.push(message));
  connection.onRequest('workspace/configuration', ({ items }: { items: unknown[] }) =>
    // Most tests mean the network that needs no file.
    items.map(() => ({ output, weights: 'demo', ...settings })),
  );
  connection.onRequest('window/workDoneProgress/create', () => null);
  connection.listen();
  // It will never answer what it has not answered by then: those requests fail.
  child.once('exit', () => connection.dispose());
  await connection.sendRequest('initialize', {
    processId: process.pid,
    rootUri: null,
    workspaceFolders: [{ uri: pathToFileURL(output).href, name: 'output' }],
    capabilities: { workspace: { configuration: true }, window: { workDoneProgress: true } },
    initializationOptions: { storage: output },
  });
  await connection.sendNotification('initialized', {});
  const stop = async () => {
    const exited = once(child, 'exit');
    await connection.sendRequest('shutdown');
    await connection.sendNotification('exit');
    const [code] = (await exited) as [number | null];
    await rm(output, { recursive: true, force: true });
    return code;
  };
  return {
    connection,
    process: child,
    output,
    stderr: () => stderr,
    log,
    ask: ({ method }, params) => connection.sendRequest(method, params),
    stop,
  };
}
