/** One page that shows one evaluation: its progress, then its table. Pictures are read as they come into view. */
import { randomUUID } from 'node:crypto';
import { isAbsolute, join } from 'node:path';
import { Uri, env, window, workspace, type Disposable, type Webview } from 'vscode';
import type { EvaluationPlace, OpenedEvaluation } from '../../../protocol/evaluation';
import type {
  FromEvaluationPage,
  PicturesState,
  ShownChart,
  ToEvaluationPage,
} from '../../../protocol/evaluation-panel';
import type { Failure } from '../../../protocol/failure';
import type { AnalysisOptions } from '../../../protocol/options';
import {
  cancel,
  evaluate,
  evaluationPicture,
  evaluationScores,
  openEvaluation,
  progress,
} from '../../../protocol/requests';
import { runCommand } from '../commands/run';
import type { Services } from '../services';
import { adopt } from './adopt';
import { lensBeside } from './pickLens';
import type { Asked } from './places';
import { t } from '../l10n';

export interface Evaluated extends Asked {
  readonly options: Partial<AnalysisOptions>;
  readonly output: string;
  /** By the workers of the queue that the settings name. */
  readonly byQueue: boolean;
}

export type EvaluationContent =
  | { readonly kind: 'run'; readonly asked: Evaluated }
  | { readonly kind: 'folder'; readonly folder: string };

export interface EvaluationActions {
  /** Opens a report. @param options that differ from the settings */
  readonly analyze: (image: string, options: Partial<AnalysisOptions>) => Promise<void>;
  /** Whether this extension wrote the evaluation, so that what it names may be read. */
  readonly isOwn: (folder: string) => boolean;
}

/** A file of `charts/`, and of nowhere else. */
const CHART = /^[\w-]+\.svg$/;
/** As an evaluation names its frames: what a foreign one says besides leads nowhere. */
const FRAME = /^frames\/[\d.]+\.png$/;

export class EvaluationView implements Disposable {
  private readonly listening: Disposable;
  private job: string | null = null;
  private evaluation: OpenedEvaluation | null = null;
  private pictures: PicturesState = { is: 'unknown' };
  private notes: readonly string[] = [];
  /** What was last published to the page of the evaluation as a whole, for when it comes back. */
  private last: ToEvaluationPage | null = null;
  private wanted: { readonly rows: readonly number[]; readonly layer: number | null } = {
    rows: [],
    layer: null,
  };
  private reading = false;

  constructor(
    private readonly services: Services,
    private readonly webview: Webview,
    private readonly name: string,
    private readonly content: EvaluationContent,
    private readonly actions: EvaluationActions,
  ) {
    this.listening = webview.onDidReceiveMessage((message: FromEvaluationPage) => void this.answer(message));
  }

  dispose(): void {
    this.stop();
    this.listening.dispose();
  }

  private async answer(message: FromEvaluationPage): Promise<void> {
    try {
      await this.receive(message);
    } catch (error) {
      this.services.log.error(`Evaluation view, on ${message.type}: ${String(error)}`);
      this.fail({
        kind: 'internal',
        code: 'internal',
        message: t('The view failed: {0}', String(error)),
        fix: null,
      });
    }
  }

  private async receive(message: FromEvaluationPage): Promise<void> {
    switch (message.type) {
      case 'ready':
        if (this.last !== null) this.post(this.last);
        else await this.begin(false);
        return;
      case 'cancel':
        this.stop();
        return;
      case 'resume':
        return this.begin(false);
      case 'again':
        return this.begin(true);
      case 'wantPictures':
        this.wanted = message;
        return this.readPictures();
      case 'showPictures':
        if (this.pictures.is === 'asked') this.allow(this.pictures.root);
        return;
      case 'chooseRoot':
        return this.chooseRoot();
      case 'wantScores':
        return this.scores(message.class);
      case 'openReport':
        return this.openReport(message.row);
      case 'open':
        return this.open(message.what);
      case 'adopt':
        return this.adopt();
      case 'problem':
        this.services.log.error(`Evaluation view: ${message.message}`);
        return;
      default:
        message satisfies never;
    }
  }

  private post(message: ToEvaluationPage): void {
    void this.webview.postMessage(message);
  }

  /** Publishes the state of the evaluation as a whole. */
  private say(message: ToEvaluationPage): void {
    this.last = message;
    this.post(message);
  }

  private fail(failure: Failure): void {
    this.post({ type: 'problem', failure });
  }

  private stop(): void {
    if (this.job !== null) void this.services.connection.ask(cancel, { job: this.job });
  }

  private async begin(replace: boolean): Promise<void> {
    if (this.content.kind === 'folder') return this.show(this.content.folder);
    if (this.job !== null) return;
    const { source, output, options, byQueue } = this.content.asked;
    const { name } = this;
    const job = randomUUID();
    this.job = job;
    const { connection } = this.services;
    const now = { type: 'running', name, done: 0, total: 0, message: t('Loading the network') } as const;
    this.say(now);
    const silence = connection.on(progress, ({ job: of, progress: { fraction, message } }) => {
      const [, done = '0', total = '0'] = /^(\d+) of (\d+) /.exec(message) ?? [];
      if (of === job && fraction <= 1)
        this.say({ ...now, done: Number(done), total: Number(total), message });
    });
    const asked = { job, source, output, options, replace: replace ? 1 : 0, queue: byQueue ? 1 : 0 };
    const outcome = await connection.ask(evaluate, asked).finally(silence);
    this.job = null;
    if (!outcome.ok) {
      const isCancelled = outcome.failure.kind === 'cancelled';
      this.say({ type: 'stopped', name, failure: isCancelled ? null : outcome.failure });
      return;
    }
    this.notes = outcome.value.notes;
    await this.show(outcome.value.folder);
  }

  private async show(folder: string): Promise<void> {
    const job = randomUUID();
    const opened = await this.services.connection.ask(openEvaluation, { job, folder });
    const { name } = this;
    if (!opened.ok) {
      this.say({ type: 'stopped', name, failure: opened.failure });
      return;
    }
    const evaluation = opened.value;
    this.evaluation = evaluation;
    this.pictures = this.firstPictures(evaluation.place, folder);
    const charts = evaluation.summary.charts
      .filter(({ file }) => CHART.test(file))
      .map(({ file, title }): ShownChart => ({
        title,
        address: this.webview.asWebviewUri(Uri.file(join(folder, 'charts', file))).toString(),
      }));
    this.say({
      ...{ type: 'opened', name, evaluation, charts, notes: this.notes, pictures: this.pictures },
      again: this.content.kind === 'run',
    });
  }

  private firstPictures(place: EvaluationPlace | null, folder: string): PicturesState {
    if (place === null) return { is: 'unknown' };
    return { is: this.actions.isOwn(folder) ? 'shown' : 'asked', root: place.root };
  }

  private allow(root: string): void {
    this.pictures = { is: 'shown', root };
    if (this.last?.type === 'opened') this.last = { ...this.last, pictures: this.pictures };
    this.post({ type: 'pictures', pictures: this.pictures });
  }

  private async chooseRoot(): Promise<void> {
    const dialog = {
      canSelectFolders: true,
      canSelectFiles: false,
      title: t('Folder of the pictures'),
      openLabel: t('Show'),
    };
    const root = (await window.showOpenDialog(dialog))?.[0];
    if (root !== undefined) this.allow(root.fsPath);
  }

  /** One after another, in the order of the page; newer requests come first. */
  private async readPictures(): Promise<void> {
    if (this.reading) return;
    this.reading = true;
    try {
      for (let next = this.nextPicture(); next !== null; next = this.nextPicture()) {
        const { row, layer, folder, root } = next;
        const job = randomUUID();
        const asked = { job, folder, root, row, ...(layer === null ? {} : { layer }) };
        const found = await this.services.connection.ask(evaluationPicture, asked);
        if (found.ok) this.post({ type: 'picture', row, layer, picture: found.value, failure: null });
        else this.post({ type: 'picture', row, layer, picture: null, failure: found.failure.message });
      }
    } finally {
      this.reading = false;
    }
  }

  private nextPicture(): {
    readonly row: number;
    readonly layer: number | null;
    readonly folder: string;
    readonly root: string;
  } | null {
    const { rows, layer } = this.wanted;
    const [row, ...rest] = rows;
    if (row === undefined || this.evaluation === null || this.pictures.is !== 'shown') return null;
    this.wanted = { rows: rest, layer };
    return { row, layer, folder: this.evaluation.folder, root: this.pictures.root };
  }

  private async scores(of: number): Promise<void> {
    if (this.evaluation === null) return;
    const asked = { job: randomUUID(), folder: this.evaluation.folder, class: of };
    const found = await this.services.connection.ask(evaluationScores, asked);
    if (found.ok) this.post({ type: 'scores', class: of, scores: found.value });
    else this.fail(found.failure);
  }

  /** With the options of the evaluation, so that the report is of the same network; all of its layers. */
  private async openReport(row: number): Promise<void> {
    const { evaluation, pictures } = this;
    const path = evaluation?.columns.path[row];
    if (evaluation === null || path === undefined || pictures.is !== 'shown') return;
    const recorded = (evaluation.place?.options ?? {}) as Partial<AnalysisOptions>;
    const options = { ...recorded, layers: null };
    if (evaluation.summary.video !== undefined) return this.openFrame(row, options);
    if (evaluation.place === null)
      void window.showWarningMessage(
        t(
          'The evaluation does not record its options, so this report uses the network from the settings, which may not be {0}.',
          evaluation.model.name,
        ),
      );
    await this.actions.analyze(join(pictures.root, path), options);
  }

  /** Of a video the strongest frames lie beside the table, as pictures; each with the face that the row is of. */
  private async openFrame(row: number, options: Partial<AnalysisOptions>): Promise<void> {
    const { evaluation } = this;
    const found = evaluation?.summary.video?.strongest.find((each) => each.row === row);
    if (evaluation === null || found === undefined || !FRAME.test(found.file)) {
      void window.showInformationMessage(
        t('Of a video, only the strongest frames are kept as pictures: open one of those.'),
      );
      return;
    }
    await this.actions.analyze(join(evaluation.folder, found.file), { ...options, box: found.box });
  }

  /** The reader says which lens, beside the weights unless they choose another. */
  private async adopt(): Promise<void> {
    if (this.evaluation === null) return;
    const weights = this.content.kind === 'run' ? this.content.asked.options.weights : undefined;
    const beside = typeof weights === 'string' && isAbsolute(weights) ? lensBeside(weights) : null;
    await adopt(this.services, this.evaluation.folder, beside, {
      notify: (text) => this.post({ type: 'notice', text }),
      fail: (failure) => this.fail(failure),
    });
  }

  private async open(what: 'table' | 'summary' | 'folder'): Promise<void> {
    if (this.evaluation === null) return;
    const file = (name: string): Uri => Uri.file(join(this.evaluation?.folder ?? '', name));
    switch (what) {
      case 'table':
        return runCommand('vscode.open', file('rows.csv'));
      case 'summary':
        return runCommand('markdown.showPreview', file('summary.md'));
      case 'folder':
        if (workspace.getWorkspaceFolder(file('rows.csv')) !== undefined)
          return runCommand('revealInExplorer', file('rows.csv'));
        await env.openExternal(Uri.file(this.evaluation.folder));
    }
  }
}
