/** Runs analyses on the server: names each job, and passes its progress on to the caller. */
import { randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import { EventEmitter, Uri, workspace, type Event, type ExtensionContext } from 'vscode';
import type { AnalysisOptions, Progress } from '../../../protocol/analysis';
import type { Outcome } from '../../../protocol/failure';
import type { CamMethod } from '../../../protocol/report';
import {
  analyze,
  cancel,
  drawReport,
  edit,
  filePicture,
  layerChannels,
  layerDetails,
  pythonSnippet,
  stepPictures,
  partial,
  progress,
  retarget,
  verdict,
  type FilePicture,
  type FinishedReport,
  type LayerChannels,
  type LayerDetails,
  type ParamsOf,
  type ParametersOf,
  type PythonSnippet,
  type StepPictures,
  type PartialReport,
  type QuickVerdict,
} from '../../../protocol/requests';
import type { Connection } from '../server/connection';
import { settings } from '../settings';
import { outputFolder } from './outputFolder';
import { followInStatusBar } from './statusProgress';

export interface JobListener {
  progress?(progress: Progress): void;
  partial?(folder: string, report: PartialReport): void;
}

export interface Job<Answer> {
  readonly done: Promise<Outcome<Answer>>;
  readonly cancel: () => void;
}

export class Analyzer {
  private readonly listeners = new Map<string, JobListener>();
  private readonly finished = new EventEmitter<FinishedReport>();
  /** A report of this window is on disk. */
  readonly onFinished: Event<FinishedReport> = this.finished.event;

  constructor(
    private readonly context: ExtensionContext,
    private readonly connection: Connection,
  ) {
    connection.on(progress, ({ job, progress: now }) => this.listeners.get(job)?.progress?.(now));
    connection.on(partial, ({ job, folder, report }) => this.listeners.get(job)?.partial?.(folder, report));
  }

  /** Where the report of an image will be written. */
  async outputFolder(image: string): Promise<string> {
    const uri = Uri.file(image);
    return outputFolder({
      setting: settings(uri).output,
      workspaceFolder: workspace.getWorkspaceFolder(uri)?.uri.fsPath ?? null,
      storage: this.context.globalStorageUri.fsPath,
    });
  }

  analyze(image: string, options: Partial<AnalysisOptions>, listener: JobListener): Job<FinishedReport> {
    return this.follow(image, listener, async (job) => {
      const place = await this.place(image);
      return this.announced(this.connection.ask(analyze, { job, image, options: { ...place, ...options } }));
    });
  }

  /** @param image of the report: where its reports go is where the new one goes, though this one may have been saved elsewhere */
  retarget(
    folder: string,
    image: string,
    target: string,
    methods: readonly CamMethod[],
    listener: JobListener,
  ): Job<FinishedReport> {
    return this.follow(image, listener, async (job) => {
      const place = await this.place(image);
      return this.announced(this.connection.ask(retarget, { job, folder, target, methods, ...place }));
    });
  }

  /** The image of a report once more, with some options changed. @param image as in `retarget` */
  edit(
    folder: string,
    image: string,
    change: Partial<AnalysisOptions>,
    listener: JobListener,
  ): Job<FinishedReport> {
    return this.follow(image, listener, async (job) => {
      const options = { ...(await this.place(image)), ...change };
      return this.announced(this.connection.ask(edit, { job, folder, options }));
    });
  }

  /** @param folder of the image's report; null where there is none */
  verdict(image: string, folder: string | null, options: Partial<AnalysisOptions>): Job<QuickVerdict> {
    return this.start({}, (job) => this.connection.ask(verdict, { job, image, folder, options }));
  }

  filePicture(image: string, side: number): Job<FilePicture> {
    return this.start({}, (job) => this.connection.ask(filePicture, { job, image, side }));
  }

  /** Writes what an undrawn report's folder lacks. */
  draw(folder: string): Promise<Outcome<null>> {
    return this.start({}, (job) => this.connection.ask(drawReport, { job, folder })).done;
  }

  layerDetails(folder: string, layer: string, channels: number): Job<LayerDetails> {
    return this.start({}, (job) => this.connection.ask(layerDetails, { job, folder, layer, channels }));
  }

  layerChannels(folder: string, layer: string, from: number): Job<LayerChannels> {
    return this.start({}, (job) => this.connection.ask(layerChannels, { job, folder, layer, from }));
  }

  pythonSnippet(question: Omit<ParamsOf<ParametersOf<'pythonSnippet'>>, 'job'>): Job<PythonSnippet> {
    return this.start({}, (job) => this.connection.ask(pythonSnippet, { job, ...question }));
  }

  stepPictures(folder: string, step: number): Job<StepPictures> {
    return this.start({}, (job) => this.connection.ask(stepPictures, { job, folder, step }));
  }

  /** What lies in storage is painted by the panel, and drawn once somebody wants the files. */
  private async place(
    image: string,
  ): Promise<Pick<Partial<AnalysisOptions>, 'output' | 'pictures'> & { output: string }> {
    const { output: setting, pictures } = settings(Uri.file(image));
    const output = await this.outputFolder(image);
    return { output, ...(setting === '' && pictures === null ? { pictures: 'later' } : {}) };
  }

  /** Announces a report that was made to the views that list reports. */
  private async announced(done: Promise<Outcome<FinishedReport>>): Promise<Outcome<FinishedReport>> {
    const outcome = await done;
    if (outcome.ok) this.finished.fire(outcome.value);
    return outcome;
  }

  /** An analysis, also shown in the status bar. */
  private follow(
    image: string,
    listener: JobListener,
    ask: (job: string) => Promise<Outcome<FinishedReport>>,
  ): Job<FinishedReport> {
    const progress = (now: Progress) => {
      show(now.message);
      listener.progress?.(now);
    };
    const job = this.start({ ...listener, progress }, ask);
    const show = followInStatusBar(basename(image), job.done);
    return job;
  }

  private start<Answer>(listener: JobListener, ask: (job: string) => Promise<Outcome<Answer>>): Job<Answer> {
    const job = randomUUID();
    this.listeners.set(job, listener);
    const done = ask(job).finally(() => this.listeners.delete(job));
    return { done, cancel: () => void this.connection.ask(cancel, { job }) };
  }
}
