/** Entry point of the language server: IPC under VS Code, `--stdio`, `--socket=PORT` or `--pipe=PATH` under other editors. */
import { join } from 'node:path';
import { ProposedFeatures, createConnection } from 'vscode-languageserver/node';
import { version } from '../../../package.json';
import { serve } from './serve';
import { stdioConnection } from './stdio';

const usage = `Inference Lens ${version}, language server.

Usage: node server.js --stdio
       node server.js --socket=PORT | --pipe=PATH | --node-ipc

  --stdio        speaks the Language Server Protocol on standard input and output
  --socket=PORT  connects to that port of this machine
  --pipe=PATH    connects to that socket or named pipe
  --node-ipc     speaks over the channel of the Node process that forked it
  --analysis     starts the engine too, for an analysis that is about to be asked for
  --help         prints this
  --version      prints the version

An editor starts it. To analyze an image in a terminal, use the command inference-lens.
`;

const transports = ['--stdio', '--socket', '--pipe', '--node-ipc'];

function main(args: readonly string[]): void {
  const given = args.map((arg) => arg.split('=')[0] ?? '');
  if (given.includes('--help') || given.includes('-h')) process.stdout.write(usage);
  else if (given.includes('--version')) process.stdout.write(`${version}\n`);
  else if (!given.some((arg) => transports.includes(arg))) {
    process.stderr.write(`expected --stdio or another way to speak to an editor, found none.\n\n${usage}`);
    process.exitCode = 2;
  } else {
    const connection = given.includes('--stdio') ? stdioConnection() : createConnection(ProposedFeatures.all);
    serve(connection, {
      enginePath: join(__dirname, 'engine.js'),
      expectsAnalysis: given.includes('--analysis'),
    });
  }
}

main(process.argv.slice(2));
