/** Answers a page on which the input is edited: the verdict of what was drawn last, and the picture to draw on. */
import type { AnalysisOptions } from '../../../protocol/analysis';
import type { Failure } from '../../../protocol/failure';
import type { FromPanel, SentToPanel } from '../../../protocol/panel';
import type { Report } from '../../../protocol/report';
import type { Analyzer, Job } from '../report/analyzer';

type Question = Extract<FromPanel, { type: 'verdict' | 'filePicture' }>;
export type HandMessage = Question | Extract<FromPanel, { type: 'edit' }>;

/** What a verdict is asked about. */
export interface HandSubject {
  readonly image: string;
  /** Of the report in view; null where there is none. */
  readonly folder: string | null;
  /** What is asked beside the settings, where there is no report. */
  readonly asked: Partial<AnalysisOptions>;
}

/** Of the picture that is drawn on, in pixels: as large as a panel shows it. */
const SIDE = 1600;

/** Whether a report is of an input that was edited: the next edit replaces it, while that of the file as it is stays. */
export const isByHand = ({ options }: Pick<Report, 'options'>): boolean =>
  (options?.box ?? null) !== null || (options?.strokes ?? null) !== null;

/** Where the last run found no face, it is that run which is given a box, not the report of an earlier one. */
export const editedOf = (report: Report | null, failure: Pick<Failure, 'code'> | null): Report | null =>
  failure?.code === 'no-face' ? null : report;

export class ByHand {
  private running: Job<unknown> | null = null;
  private waiting: (() => Promise<void>) | null = null;

  constructor(
    private readonly analyzer: Pick<Analyzer, 'verdict' | 'filePicture'>,
    private readonly send: (message: SentToPanel) => void,
  ) {}

  /** A verdict that is under way is let finish, since it is soon there; of those that wait, the last counts. */
  async answer(question: Question, { image, folder, asked }: HandSubject): Promise<void> {
    if (question.type === 'filePicture') {
      const outcome = await this.analyzer.filePicture(image, SIDE).done;
      this.send(
        outcome.ok
          ? { type: 'filePicture', picture: outcome.value }
          : { type: 'filePictureFailed', failure: outcome.failure },
      );
      return;
    }
    const { asked: number, edit } = question;
    this.waiting = async () => {
      const job = this.analyzer.verdict(image, folder, folder === null ? { ...asked, ...edit } : { ...edit });
      this.running = job;
      const outcome = await job.done;
      this.send(
        outcome.ok
          ? { type: 'verdict', asked: number, verdict: outcome.value }
          : { type: 'verdictFailed', asked: number, failure: outcome.failure },
      );
    };
    if (this.running === null) await this.work();
  }

  /** Stops what runs, and drops what waits: nobody is there to see it. */
  dispose(): void {
    this.waiting = null;
    this.running?.cancel();
  }

  private async work(): Promise<void> {
    for (let next = this.waiting; next !== null; next = this.waiting) {
      this.waiting = null;
      try {
        await next();
      } finally {
        this.running = null;
      }
    }
  }
}
