/** What the user sees of `analyze`: ten lines for one image; for several a line each, their overall progress, and a summary. */
import { basename } from 'node:path';
import type { Progress } from '../../../protocol/analysis';
import type { FinishedReport } from '../../../protocol/requests';
import type { LensError } from '../errors';
import { cancelled } from '../errors';
import { printable } from '../printable';
import { BatchProgress } from './batch-progress';
import { row, Tally } from './batch-summary';
import type { AnalyzeCommand } from './options';
import { summary } from './summary';
import type { Terminal } from './terminal';

export interface Shown {
  progress(index: number, image: string, progress: Progress): void;
  /** The analysis has ended; its result is printed once it is this image's turn. */
  finished(index: number, image: string): void;
  report(image: string, finished: FinishedReport): void;
  failure(image: string, error: LensError): void;
  /**
   * @param interrupted some images were stopped or never begun
   * @param change what the user should know of the batch's weights
   */
  end(interrupted: boolean, change: string | null): void;
}

type Manner = Pick<AnalyzeCommand, 'json' | 'quiet' | 'options'>;

export function showOne({ json, quiet }: Manner, terminal: Terminal): Shown {
  return {
    progress: (_, image, progress) => terminal.progress(basename(image), progress),
    finished: () => terminal.clear(),
    report: (_, finished) => {
      if (!json && !quiet) process.stdout.write(printable(summary(finished)));
    },
    failure: (image, error) =>
      printFailure(terminal, error.message.includes(basename(image)) ? null : image, error),
    end: (interrupted) => {
      if (interrupted) terminal.failure(null, cancelled());
    },
  };
}

export function showMany({ json, quiet, options }: Manner, terminal: Terminal, total: number): Shown {
  const batch = new BatchProgress(total);
  const tally = new Tally();
  return {
    progress: (index, image, { fraction, message }) => {
      batch.running(index, fraction);
      terminal.batch(batch.share, `${batch.describe()}, ${basename(image)}: ${message}`);
    },
    finished: (index, image) => {
      batch.finished(index);
      terminal.step(`${batch.describe()}: ${basename(image)}`);
    },
    report: (image, finished) => {
      tally.report(finished);
      if (json || quiet) return;
      terminal.clear();
      process.stdout.write(printable(row(image, finished)));
    },
    failure: (image, error) => {
      tally.failure(error);
      printFailure(terminal, image, error);
    },
    end: (interrupted, change) => {
      terminal.clear();
      if (interrupted) terminal.failure(null, cancelled());
      if (change !== null) terminal.note(`note: ${change}`);
      const text = tally.summary(total, batch.seconds, options.output);
      if (json) terminal.lines(text);
      else if (!quiet) process.stdout.write(printable(text));
    },
  };
}

/** @param image null where the message names it already */
function printFailure(terminal: Terminal, image: string | null, error: LensError): void {
  terminal.failure(image, error);
  if (error.kind === 'internal' && error.cause instanceof Error) terminal.trace(error.cause);
}
