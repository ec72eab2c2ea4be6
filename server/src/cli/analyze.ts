/** `inference-lens analyze`: one report folder for each image; one image's failure does not stop the others. */
import { basename } from 'node:path';
import type { FinishedReport } from '../../../protocol/requests';
import type { Engine } from '../engine/engine';
import { createEngine } from '../engine/engine';
import { toFailure } from '../engine/failure';
import type { LensError } from '../errors';
import { asLensError } from '../errors';
import { DONE, exitCodes } from './exit-codes';
import type { AnalyzeCommand } from './options';
import { parseAnalyze } from './options';
import { summary } from './summary';
import { printable, Terminal } from './terminal';

/** Returns the exit code of the first failure, or 0. */
export async function runAnalyze(args: readonly string[], signal: AbortSignal): Promise<number> {
  const command = parseAnalyze(args);
  const engine = createEngine();
  const terminal = new Terminal(command.quiet);
  let code = DONE;
  try {
    for (const image of command.images) {
      const error = await analyzeOne(engine, image, command, terminal, signal);
      if (error === null) continue;
      if (code === DONE) code = exitCodes[error.kind];
      // No other image would fare better.
      if (['usage', 'model', 'device', 'cancelled'].includes(error.kind)) break;
    }
  } finally {
    await engine.dispose();
  }
  return code;
}

async function analyzeOne(
  engine: Engine,
  image: string,
  { options, json, quiet, force }: AnalyzeCommand,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<LensError | null> {
  const name = basename(image);
  try {
    const finished = await engine.analyze(image, options, {
      signal,
      allowHuge: force,
      progress: (progress) => terminal.progress(name, progress),
    });
    terminal.clear();
    if (json) writeLine({ ok: true, image, ...finished });
    else if (!quiet) process.stdout.write(printable(summary(finished)));
    return null;
  } catch (thrown) {
    const error = asLensError(thrown);
    terminal.failure(image, error);
    if (error.kind === 'internal' && error.cause instanceof Error) terminal.trace(error.cause);
    if (json) writeLine({ ok: false, image, failure: toFailure(error) });
    return error;
  }
}

type Line =
  | ({ readonly ok: true; readonly image: string } & FinishedReport)
  | { readonly ok: false; readonly image: string; readonly failure: ReturnType<typeof toFailure> };

const writeLine = (line: Line): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
