/** `inference-lens merge`: the shards of one evaluation into the table that one machine would have written. */
import { resolve } from 'node:path';
import { asLensError, LensError } from '../errors';
import { mergeShards } from '../evaluation/merge';
import { summaryOf } from '../evaluation/summary/summary';
import { DEFAULT_OUTPUT } from './evaluate-options';
import { showEvaluation } from './evaluation-shown';
import { exitCodes } from './exit-codes';
import { parseCommand } from './options';
import { failureLine } from './remedies';
import { printableJson } from '../printable';
import { Terminal } from './terminal';

/** Returns the exit code; 3 where no picture could be evaluated. */
export async function runMerge(args: readonly string[], signal: AbortSignal): Promise<number> {
  const { values, positionals } = parseCommand(args, {
    output: { type: 'string', short: 'o' },
    replace: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    quiet: { type: 'boolean', short: 'q', default: false },
  });
  const [first] = positionals;
  if (first === undefined) {
    throw new LensError('usage', 'merge expects the folders that hold the shards; found none.', {
      fix: `For example: inference-lens merge ${DEFAULT_OUTPUT}`,
    });
  }
  const output = values.output ?? (positionals.length === 1 ? first : DEFAULT_OUTPUT);
  const { json, quiet, replace } = values;
  try {
    const request = { folders: positionals.map((path) => resolve(path)), output: resolve(output), replace };
    return await showEvaluation(await mergeShards(request, summaryOf, signal), { json, quiet });
  } catch (thrown) {
    const error = asLensError(thrown);
    if (json) process.stdout.write(`${printableJson({ ok: false, failure: failureLine(error) })}\n`);
    const terminal = new Terminal(quiet);
    terminal.failure(null, error);
    if (error.kind === 'internal' && error.cause instanceof Error) terminal.trace(error.cause);
    return exitCodes[error.kind];
  }
}
