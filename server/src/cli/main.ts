/** The command line's door: picks the command and turns whatever happens into an exit code. */
import { asLensError, LensError } from '../errors';
import { projectVersion } from '../system/paths';
import { runAnalyze } from './analyze';
import { runChecks } from './check';
import { runDoctor } from './doctor';
import { runEvaluate } from './evaluate';
import { DONE, exitCodes } from './exit-codes';
import { help } from './help';
import { runLayers } from './layers';
import { runLens } from './lens';
import { runMcp } from './mcp';
import { runMerge } from './merge';
import { runModels } from './models';
import { runPython } from './python';
import { Terminal } from './terminal';
import { runWorker } from './worker';

const commands: Readonly<Record<string, (args: readonly string[], signal: AbortSignal) => Promise<number>>> =
  {
    analyze: runAnalyze,
    check: runChecks,
    doctor: runDoctor,
    evaluate: runEvaluate,
    layers: runLayers,
    lens: runLens,
    mcp: runMcp,
    merge: runMerge,
    models: runModels,
    python: runPython,
    worker: runWorker,
  };

async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  const beforeFiles = args.slice(0, args.includes('--') ? args.indexOf('--') : args.length);
  if (name === undefined || beforeFiles.includes('--help') || beforeFiles.includes('-h') || name === 'help') {
    process.stdout.write(help);
    return name === undefined ? exitCodes.usage : DONE;
  }
  if (name === '--version' || name === '-V') {
    process.stdout.write(`inference-lens ${projectVersion()}\n`);
    return DONE;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) {
    throw new LensError('usage', `There is no command "${name}".`, {
      fix: `Commands are ${Object.keys(commands).join(', ')}; run \`inference-lens --help\`.`,
    });
  }
  return command(rest, interruptSignal());
}

/**
 * Aborts on the first Ctrl-C or SIGTERM, so that nothing half-written stays. A second one ends the process as if nobody
 * listened: leaving by `process.exit` would tear down a thread in the middle of a run, which crashes.
 */
function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => {
      process.removeAllListeners('SIGINT').removeAllListeners('SIGTERM');
      controller.abort();
    });
  }
  return controller.signal;
}

/** A reader that went away (`| head`) is not an error. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(DONE);
});

main(process.argv.slice(2))
  .catch((thrown: unknown) => {
    const error = asLensError(thrown);
    const terminal = new Terminal(false);
    terminal.failure(null, error);
    if (error.kind === 'internal' && error.cause instanceof Error) terminal.trace(error.cause);
    return exitCodes[error.kind];
  })
  .then((code) => {
    process.exitCode = code;
  })
  .catch(() => process.exit(exitCodes.internal));
