/** Analyses from their request to their end: prepared so that they can be cancelled, then computed, followed, and remembered. */
import type { CancellationToken, Connection } from 'vscode-languageserver';
import type { AnalysisOptions, Progress } from '../../../protocol/analysis';
import { partial, progress, type FinishedReport, type JobId } from '../../../protocol/requests';
import type { Engines } from './engines';
import { PreparingJobs } from './preparing';
import { followProgress, workDoneToken } from './progress';
import { readOptions } from './retarget';
import type { SettingsReader } from './settings';
import type { Trust } from './trust';

export interface Prepared {
  readonly image: string;
  readonly options: AnalysisOptions;
}

export class Analyses {
  private readonly preparing = new PreparingJobs();

  constructor(
    private readonly connection: Connection,
    private readonly engines: Engines,
    private readonly trust: Trust,
    /** A report is on disk. */
    private readonly finished: (report: FinishedReport) => void,
  ) {}

  /** @param params as they came: an editor may have put a token for progress into them. @throws LensError */
  async run(
    job: JobId,
    prepare: () => Promise<Prepared>,
    token: CancellationToken,
    params: unknown,
  ): Promise<FinishedReport> {
    const stopped = token.onCancellationRequested(() => this.stop(job));
    try {
      const finished = await this.compute(job, await this.prepared(job, prepare), params);
      await this.trust.remember(finished.folder);
      this.finished(finished);
      return finished;
    } finally {
      stopped.dispose();
    }
  }

  /** The result of `prepare`, unless the job is cancelled first. @throws LensError */
  prepared<T>(job: JobId, prepare: () => Promise<T>): Promise<T> {
    return this.preparing.run(job, prepare);
  }

  /**
   * Repeats a report's analysis with some options changed. @throws LensError where the files that the report
   * names must not be read
   */
  async again(folder: string, settings: SettingsReader, change: Partial<AnalysisOptions>): Promise<Prepared> {
    await this.trust.require(folder);
    const { image, options } = await readOptions(folder, (path, given) => settings.optionsFor(path, given));
    return { image, options: { ...options, ...change } };
  }

  /** Whether it is being prepared or computed; a job that is unknown has ended already. */
  stop(job: JobId): void {
    this.preparing.cancel(job);
    this.engines.cancel(job);
  }

  dispose(): void {
    this.preparing.cancelAll();
  }

  private compute(job: JobId, { image, options }: Prepared, params: unknown): Promise<FinishedReport> {
    const shown = followProgress(this.connection, image, workDoneToken(params), () => this.stop(job));
    const listener = {
      progress: (now: Progress) => {
        shown.report(now);
        void this.connection.sendNotification(progress.method, { job, progress: now });
      },
      partial: (folder: string, report: object) => {
        void this.connection.sendNotification(partial.method, { job, folder, report });
      },
    };
    const trusted = this.trust.isTrusted;
    // Targets are changed in place only where the maps themselves are shown.
    const ahead = this.engines.ahead && options.pictures === 'later';
    return this.engines
      .run<'analyze'>(job, { kind: 'analyze', image, options, trusted, ahead }, listener)
      .finally(() => shown.done());
  }
}
