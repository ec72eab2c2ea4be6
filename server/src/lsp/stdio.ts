/**
 * The connection over standard input and output; anything but a message is answered with an error and logged
 * in the editor.
 */
import { Console } from 'node:console';
import {
  MessageType,
  ProposedFeatures,
  StreamMessageWriter,
  createConnection,
  type Connection,
} from 'vscode-languageserver/node';
import { printable } from '../printable';
import { MessageFilter, type BrokenMessage } from './frames';

export function stdioConnection(): Connection {
  // Standard output belongs to the protocol: nothing else may print to it.
  globalThis.console = new Console(process.stderr, process.stderr);
  const writer = new StreamMessageWriter(process.stdout);
  const answer = ({ code, message, id }: BrokenMessage): void => {
    const line = printable(`Unreadable message from the editor: ${message}.`);
    const reply = { jsonrpc: '2.0', id, error: { code, message: line } };
    const log = {
      jsonrpc: '2.0',
      method: 'window/logMessage',
      params: { type: MessageType.Error, message: line },
    };
    // Through the same queue as the connection's own messages, so that no two are interleaved. A closed
    // channel ends the process anyway.
    for (const each of [reply, log]) void writer.write(each).catch(() => undefined);
  };
  const input = process.stdin.pipe(new MessageFilter(answer));
  // The library accepts a stream together with a writer: with a stream it exits when the editor is gone.
  return createConnection(ProposedFeatures.all, input, writer as unknown as NodeJS.WritableStream);
}
