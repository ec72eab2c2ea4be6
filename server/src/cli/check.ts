/** `inference-lens check`: whether a network does what is expected of it over a set of pictures; for a build that is to fail where it does not. */
import { writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import type { CheckReport } from '../../../protocol/checks';
import { asLensError, LensError } from '../errors';
import { inTemporaryFolder } from '../evaluation/checks/check-file';
import { readCheck } from '../evaluation/checks/read-check';
import { junit, sarif } from '../evaluation/checks/reports';
import { runCheck } from '../evaluation/checks/run-check';
import { requireSetOptions } from '../evaluation/set-options';
import { Workbench } from '../pipeline/workbench/workbench';
import { oneLine, printableJson } from '../printable';
import { outputError } from '../report/output-error';
import { noteDeprecations } from './deprecations';
import { CHECK_FAILED, DONE, exitCodes } from './exit-codes';
import type { ParsedOptions } from './options';
import { parseOptions } from './options';
import { failureLine } from './remedies';
import { Terminal } from './terminal';

/** Returns the exit code: 7 where an expectation does not hold. */
export async function runChecks(args: readonly string[], signal: AbortSignal): Promise<number> {
  const parsed = parseOptions(args, {
    set: { type: 'string' },
    'attention-mask': { type: 'string' },
    junit: { type: 'string' },
    sarif: { type: 'string' },
  });
  const { values, positionals, options } = parsed;
  requireSetOptions(options);
  if (options.layers !== null) {
    throw new LensError(
      'usage',
      '--layers does not apply to check, which measures the layers that its files name.',
      {
        fix: 'Leave it out; an expectation says which layer it is about.',
      },
    );
  }
  if (positionals.length === 0) {
    throw new LensError(
      'usage',
      'check expects test files (*.check.json) or lenses with "expect"; found none.',
      {
        fix: 'For example: inference-lens check watermark.check.json',
      },
    );
  }
  const json = values['json'] === true;
  const terminal = new Terminal(values['quiet'] === true);
  noteDeprecations(options, terminal);
  const bench = new Workbench();
  try {
    const reports = await checkAll(parsed, bench, terminal, signal);
    await writeReports(reports, values);
    show(reports, json);
    return reports.every(({ outcomes }) => outcomes.every(({ passed }) => passed)) ? DONE : CHECK_FAILED;
  } catch (thrown) {
    const error = asLensError(thrown);
    if (json) process.stdout.write(`${printableJson({ ok: false, failure: failureLine(error) })}\n`);
    terminal.failure(null, error);
    if (error.kind === 'internal' && error.cause instanceof Error) terminal.trace(error.cause);
    return exitCodes[error.kind];
  } finally {
    await bench.dispose();
  }
}

async function checkAll(
  { positionals, options, values }: ParsedOptions,
  bench: Workbench,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<readonly CheckReport[]> {
  const reports: CheckReport[] = [];
  const set = typeof values['set'] === 'string' ? resolve(values['set']) : null;
  const masks = typeof values['attention-mask'] === 'string' ? resolve(values['attention-mask']) : null;
  const keeps = typeof values['output'] === 'string';
  for (const [index, file] of positionals.entries()) {
    const check = await readCheck(resolve(file));
    // A check leaves no files behind, unless --output is given.
    const hooks = {
      signal,
      note: (text: string) => terminal.note(`note: ${text}`),
      row: ({ path }: { readonly path: string }) => terminal.batch(0, `${file}: ${path}`),
    };
    const allowHuge = values['force'] === true;
    const run = (output: string): Promise<CheckReport> =>
      runCheck(check, { set, masks, options, output, allowHuge }, bench, hooks);
    reports.push(keeps ? await run(join(options.output, String(index + 1))) : await inTemporaryFolder(run));
  }
  terminal.clear();
  return reports;
}

async function writeReports(reports: readonly CheckReport[], values: ParsedOptions['values']): Promise<void> {
  for (const [name, write] of [
    ['junit', junit],
    ['sarif', sarif],
  ] as const) {
    const path = values[name];
    if (typeof path !== 'string') continue;
    try {
      await writeFile(path, write(reports, process.cwd()));
    } catch (thrown) {
      throw outputError(resolve(path), thrown);
    }
  }
}

function show(reports: readonly CheckReport[], json: boolean): void {
  for (const { file, outcomes } of reports) {
    if (json) {
      process.stdout.write(`${printableJson({ ok: true, file, outcomes })}\n`);
      continue;
    }
    for (const { passed, message, at, pictures } of outcomes) {
      const place = at.startsWith(file) ? `${relative(process.cwd(), file)}${at.slice(file.length)}` : at;
      process.stdout.write(`${oneLine(`${passed ? 'passed' : 'FAILED'}  ${message}  ${place}`)}\n`);
      if (!passed)
        for (const picture of pictures.slice(0, 5))
          process.stdout.write(`${oneLine(`          ${picture}`)}\n`);
    }
  }
}
