/** The language server's process: started when first needed, asked in typed requests, always answering. */
import { join } from 'node:path';
import { workspace, type ExtensionContext, type LogOutputChannel } from 'vscode';
import { LanguageClient, State, TransportKind, type ServerOptions } from 'vscode-languageclient/node';
import { CHECK_SUFFIX } from '../../../protocol/checks';
import { LENS_SUFFIX } from '../../../protocol/lens';
import type { Failure, Outcome } from '../../../protocol/failure';
import {
  analyze,
  edit,
  partial,
  progress,
  retarget,
  trustGranted,
  type NotificationName,
  type RequestName,
} from '../../../protocol/requests';
import { ownProgress } from './ownProgress';
import { queueEnvironment } from './queuePassword';
import { chooseRuntime } from './runtime';
import { settings } from '../settings';
import { t } from '../l10n';

/** Requests that begin an analysis. */
const COMPUTES: ReadonlySet<string> = new Set([analyze, retarget, edit].map(({ method }) => method));

type Listener = (params: unknown) => void;

/** Where a debugger finds the server while the extension is debugged; .vscode/launch.json attaches there. */
const INSPECT_PORT = 6009;

/** Set by .vscode/launch.json where debuggers of server and engine are started with the extension: both wait for them. */
const inspectFlag = (): string =>
  process.env['INFERENCE_LENS_WAIT_FOR_DEBUGGER'] === '1' ? '--inspect-wait' : '--inspect';

export class Connection {
  private starting: Promise<LanguageClient> | null = null;
  private readonly listeners = new Map<string, Set<Listener>>();

  constructor(
    private readonly context: ExtensionContext,
    private readonly log: LogOutputChannel,
  ) {}

  /** Never throws: whatever goes wrong on the way is a failure like any other. */
  async ask<Params, Answer>(
    name: RequestName<Params, Outcome<Answer>>,
    params: Params,
  ): Promise<Outcome<Answer>> {
    try {
      const client = await this.started(COMPUTES.has(name.method));
      return await client.sendRequest<Outcome<Answer>>(name.method, params);
    } catch (error) {
      this.log.error(`${name.method}: ${String(error)}`);
      return { ok: false, failure: serverFailure(error) };
    }
  }

  /** Listens to a notification over all restarts of the server. Returns what ends it. */
  on<Params>(name: NotificationName<Params>, listener: (params: Params) => void): () => void {
    const set = this.listeners.get(name.method) ?? new Set();
    this.listeners.set(name.method, set.add(listener as Listener));
    return () => set.delete(listener as Listener);
  }

  /** Starts the server if it is not running, and its engine, for an analysis that is about to be requested. */
  expectAnalysis(): void {
    this.started(true).catch((error: unknown) => this.log.error(String(error)));
  }

  /** Starts the server if it is not running, for documents that it checks by itself. */
  async begin(): Promise<void> {
    await this.started().catch((error: unknown) => this.log.error(String(error)));
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.started();
  }

  async stop(): Promise<void> {
    const client = await this.starting?.catch(() => null);
    this.starting = null;
    // A server that no longer answers is ended by the client after its own time limit.
    if (client && client.state !== State.Stopped)
      await client.stop().catch((error: unknown) => this.log.warn(String(error)));
  }

  /** @param analysis it is started for one */
  private started(analysis = false): Promise<LanguageClient> {
    this.starting ??= this.start(analysis).catch((error: unknown) => {
      this.starting = null;
      throw error;
    });
    return this.starting;
  }

  private async start(analysis: boolean): Promise<LanguageClient> {
    const { path, why } = await chooseRuntime(settings().runtime, process.versions['electron']);
    this.log.info(`Server on ${path ?? 'the editor’s own Node'}: ${why}.`);
    const options = { env: await queueEnvironment(this.context.secrets) };
    const run = {
      options,
      module: join(this.context.extensionPath, 'dist', 'server.js'),
      transport: TransportKind.ipc,
      ...(analysis ? { args: ['--analysis'] } : {}),
      ...(path === null ? {} : { runtime: path }),
    };
    const server: ServerOptions = {
      run,
      debug: { ...run, options: { ...options, execArgv: ['--nolazy', `${inspectFlag()}=${INSPECT_PORT}`] } },
    };
    const client = new LanguageClient('inferenceLens', 'Inference Lens', server, {
      outputChannel: this.log,
      documentSelector: [LENS_SUFFIX, CHECK_SUFFIX].map((end) => ({ scheme: 'file', pattern: `**/*${end}` })),
      initializationOptions: { storage: this.context.globalStorageUri.fsPath, trusted: workspace.isTrusted },
    });
    client.registerFeature(ownProgress);
    for (const { method } of [progress, partial]) {
      client.onNotification(method, (params: unknown) => {
        for (const listener of this.listeners.get(method) ?? []) listener(params);
      });
    }
    const trust = workspace.onDidGrantWorkspaceTrust(
      () => void client.sendNotification(trustGranted.method, null),
    );
    client.onDidChangeState(({ newState }) => {
      if (newState !== State.Stopped) return;
      trust.dispose();
      this.starting = null;
    });
    await client.start();
    return client;
  }
}

function serverFailure(error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error);
  return {
    kind: 'internal',
    code: 'internal',
    message: t('The Inference Lens server did not answer: {0}', message),
    fix: t(
      'Run “Inference Lens: Restart Server”; if that does not help, look at “Inference Lens: Show Log”.',
    ),
  };
}
