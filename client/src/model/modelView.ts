/** One page that shows one model file: structure first, then how it is fed, then its weights page by page, until stopped. */
import { randomUUID } from 'node:crypto';
import { env, type Disposable, type Webview } from 'vscode';
import type { FromModelPage, ToModelPage } from '../../../protocol/model-panel';
import { cancel, modelFeeding, modelStructure, modelWeights } from '../../../protocol/requests';
import type { Services } from '../services';
import { t } from '../l10n';

export interface ModelActions {
  readonly analyze: () => Promise<void>;
  readonly import: () => Promise<void>;
}

export class ModelView implements Disposable {
  private readonly listening: Disposable;
  /** Id of the reading under way; answers to an older one are dropped. */
  private reading: string | null = null;
  /** Where the next page of weights begins; null once all are read. */
  private next: number | null = 0;
  /** Messages sent so far, for a page that comes back after it was hidden. */
  private posted: ToModelPage[] = [];

  constructor(
    private readonly services: Services,
    private readonly webview: Webview,
    private readonly path: string,
    private readonly actions: ModelActions,
  ) {
    this.listening = webview.onDidReceiveMessage((message: FromModelPage) => void this.answer(message));
  }

  dispose(): void {
    this.stop();
    this.listening.dispose();
  }

  private async answer(message: FromModelPage): Promise<void> {
    try {
      await this.receive(message);
    } catch (error) {
      this.services.log.error(`Model view, on ${message.type}: ${String(error)}`);
      const failure = {
        kind: 'internal',
        code: 'internal',
        message: t('The model view failed: {0}', String(error)),
        fix: null,
      } as const;
      this.say({ type: 'failed', failure });
    }
  }

  private async receive(message: FromModelPage): Promise<void> {
    switch (message.type) {
      case 'ready':
        if (this.posted.length > 0) for (const each of this.posted) void this.webview.postMessage(each);
        else await this.read();
        return;
      case 'reload':
        return this.read();
      case 'analyze':
        return this.actions.analyze();
      case 'import':
        return this.actions.import();
      case 'stopWeights':
        this.stop();
        this.say({ type: 'weightsEnd', stopped: true, failure: null });
        return;
      case 'readWeights':
        return this.readWeights();
      case 'copy':
        return env.clipboard.writeText(message.text);
      case 'problem':
        this.services.log.error(`Model view: ${message.message}`);
        return;
      default:
        message satisfies never;
    }
  }

  private say(message: ToModelPage): void {
    this.posted.push(message);
    void this.webview.postMessage(message);
  }

  private stop(): void {
    if (this.reading !== null) void this.services.connection.ask(cancel, { job: this.reading });
    this.reading = null;
  }

  private async read(): Promise<void> {
    this.stop();
    [this.posted, this.next] = [[], 0];
    const job = randomUUID();
    this.reading = job;
    const { connection } = this.services;
    const structure = await connection.ask(modelStructure, { job, path: this.path });
    if (this.reading !== job) return;
    if (!structure.ok) {
      this.say({ type: 'failed', failure: structure.failure });
      return;
    }
    this.say({ type: 'structure', structure: structure.value });
    const feeding = await connection.ask(modelFeeding, { job, path: this.path });
    if (this.reading !== job) return;
    if (feeding.ok) this.say({ type: 'feeding', feeding: feeding.value });
    else this.say({ type: 'notFed', failure: feeding.failure });
    await this.readWeights();
  }

  private async readWeights(): Promise<void> {
    this.stop();
    const job = randomUUID();
    this.reading = job;
    while (this.next !== null) {
      const asked = { job, path: this.path, from: this.next };
      const page = await this.services.connection.ask(modelWeights, asked);
      if (this.reading !== job) return;
      if (!page.ok) {
        this.say({ type: 'weightsEnd', stopped: false, failure: page.failure });
        return;
      }
      this.next = page.value.next;
      this.say({ type: 'weights', rows: page.value.rows });
    }
    this.say({ type: 'weightsEnd', stopped: false, failure: null });
  }
}
