/** `inference-lens evaluate`: a labeled set through a network, into a table and its summary. */
import { asLensError } from '../errors';
import { byQueue, type QueueHooks, type QueueRequest } from '../evaluation/queue/by-queue';
import { workerCommand, workersOf } from '../evaluation/queue/words';
import { evaluate } from '../evaluation/run';
import { summaryOf } from '../evaluation/summary/summary';
import { Workbench } from '../pipeline/workbench/workbench';
import { oneLine, printableJson } from '../printable';
import { BatchProgress } from './batch-progress';
import { noteDeprecations } from './deprecations';
import { parseEvaluate } from './evaluate-options';
import { showEvaluation } from './evaluation-shown';
import { exitCodes } from './exit-codes';
import { failureLine } from './remedies';
import { Terminal } from './terminal';

/** Returns the exit code; 3 where no picture could be evaluated. */
export async function runEvaluate(args: readonly string[], signal: AbortSignal): Promise<number> {
  const command = parseEvaluate(args);
  const { json, quiet } = command;
  const terminal = new Terminal(quiet);
  noteDeprecations(command.options, terminal);
  const bench = new Workbench();
  let progress: BatchProgress | null = null;
  let rows = 0;
  try {
    const finished = await evaluate(
      command,
      bench,
      summaryOf,
      {
        signal,
        note: (text) => terminal.note(`note: ${text}`),
        begin: (total, done, { video }) => {
          progress = new BatchProgress(total - done);
          const what = video === undefined ? 'pictures' : 'frames';
          if (done > 0) terminal.note(`resuming after the ${done} ${what} that an earlier run evaluated`);
        },
        row: (row, isLast) => {
          rows += 1;
          if (row.error !== null) terminal.note(`${row.path}: ${row.error}`);
          if (isLast) progress?.finished(rows);
          terminal.batch(progress?.share ?? 0, progress?.describe() ?? '');
          if (rows % LINES_EVERY === 0) terminal.step(progress?.describe() ?? '');
        },
      },
      command.queue === null
        ? undefined
        : byQueue(
            command.queue,
            queueHooks(command.queue, terminal, () => progress),
          ),
    );
    terminal.clear();
    return await showEvaluation(finished, { json, quiet });
  } catch (thrown) {
    const error = asLensError(thrown);
    if (json) process.stdout.write(`${printableJson({ ok: false, failure: failureLine(error) })}\n`);
    terminal.failure(null, error);
    if (error.kind === 'internal' && error.cause instanceof Error) terminal.trace(error.cause);
    if (error.kind === 'cancelled' && rows > 0)
      terminal.note(oneLine('Results so far are kept: run the same command to resume.'));
    return exitCodes[error.kind];
  } finally {
    await bench.dispose();
  }
}

/** Progress of workers on other machines. */
function queueHooks(
  { address }: QueueRequest,
  terminal: Terminal,
  progress: () => BatchProgress | null,
): QueueHooks {
  let shownCount = -1;
  return {
    moved: (_pictures, _total, found) => {
      const workers = workersOf(found);
      terminal.batch(progress()?.share ?? 0, `${progress()?.describe() ?? ''}, ${workers}`);
      if (found.count !== shownCount) terminal.step(workers);
      shownCount = found.count;
    },
    alone: () => terminal.note(`No workers are running. Start some: ${workerCommand(address)}`),
  };
}

/** Where no line can move, a log gets one line for this many pictures. */
const LINES_EVERY = 100;
