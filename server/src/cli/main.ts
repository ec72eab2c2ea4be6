/** The command line's entry point: picks the command and turns whatever happens into an exit code. */
import { asLensError, LensError } from '../errors';
import { projectVersion } from '../system/paths';
import { DONE, exitCodes } from './exit-codes';
import { Terminal } from './terminal';

type Command = (args: readonly string[], signal: AbortSignal) => Promise<number>;

/** The code of a command is loaded when it runs: loading all of it takes longer than most commands run. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  analyze: async () => (await import('./begin-analyze')).runAnalyze,
  check: async () => (await import('./check')).runChecks,
  doctor: async () => (await import('./doctor')).runDoctor,
  evaluate: async () => (await import('./evaluate')).runEvaluate,
  layers: async () => (await import('./layers')).runLayers,
  lens: async () => (await import('./lens')).runLens,
  mcp: async () => (await import('./mcp')).runMcp,
  merge: async () => (await import('./merge')).runMerge,
  models: async () => (await import('./models')).runModels,
  python: async () => (await import('./python')).runPython,
  worker: async () => (await import('./worker')).runWorker,
};

async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  const beforeFiles = args.slice(0, args.includes('--') ? args.indexOf('--') : args.length);
  if (name === undefined || beforeFiles.includes('--help') || beforeFiles.includes('-h') || name === 'help') {
    process.stdout.write((await import('./help')).help);
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
  const run = await command();
  return run(rest, interruptSignal());
}

/**
 * Aborts on the first Ctrl-C or SIGTERM, so that nothing half-written stays. A second one ends the process by
 * the default handler: `process.exit` would tear down a thread in the middle of a run, which crashes.
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

/** A reader that went away (`| head`) is not an error; if it read only messages, nothing ends. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(DONE);
});
process.stderr.on('error', () => undefined);

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
