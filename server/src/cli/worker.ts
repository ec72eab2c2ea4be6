/** `inference-lens worker`: evaluates pictures of a queue, until the evaluation is over. */
import { asLensError } from '../errors';
import { shown } from '../evaluation/queue/address';
import { work } from '../evaluation/queue/work';
import { Workbench } from '../pipeline/workbench/workbench';
import { DONE, exitCodes } from './exit-codes';
import { Terminal } from './terminal';
import { parseWorker } from './worker-options';

/** Returns the exit code: 0 where the evaluation is over, no matter who has done its pictures. */
export async function runWorker(args: readonly string[], signal: AbortSignal): Promise<number> {
  const command = parseWorker(args);
  const terminal = new Terminal(command.quiet);
  const bench = new Workbench();
  let [jobs, pictures] = [0, 0];
  try {
    await work(command, bench, {
      signal,
      note: (text) => terminal.note(`note: ${text}`),
      done: (count) => {
        jobs += 1;
        pictures += count;
        terminal.step(`${pictures} pictures in ${jobs} ${jobs === 1 ? 'job' : 'jobs'}`);
      },
    });
    terminal.note(
      `${shown(command.address)}: the evaluation is over; this worker did ${pictures} pictures in ${jobs} ${jobs === 1 ? 'job' : 'jobs'}.`,
    );
    return DONE;
  } catch (thrown) {
    const error = asLensError(thrown);
    terminal.failure(null, error);
    if (error.kind === 'internal' && error.cause instanceof Error) terminal.trace(error.cause);
    return exitCodes[error.kind];
  } finally {
    await bench.dispose();
  }
}
