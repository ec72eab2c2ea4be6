/** The server: connects an editor with the engine, answers everything, and leaves no process behind. */
import { TextDocumentSyncKind, type Connection } from 'vscode-languageserver';
import { printable } from '../printable';
import { answering } from './answer';
import { Engines } from './engines';
import { registerJobs } from './jobs';
import { Life } from './life';
import { registerModels } from './models';
import { SettingsReader } from './settings';

export interface ServeOptions {
  /** The engine's bundle. */
  readonly enginePath: string;
}

export function serve(connection: Connection, { enginePath }: ServeOptions): void {
  const engines = new Engines(
    enginePath,
    (level, text) => logTo(connection, level, text),
    (seconds, restart) => void offerRestart(connection, seconds).then((wanted) => wanted && restart()),
  );
  const settings = new SettingsReader(connection, (minutes) => engines.idleAfter(minutes));

  const life = new Life();
  const answer = answering(connection, life);

  connection.onInitialize(({ capabilities, workspaceFolders, initializationOptions }) => {
    life.begin();
    settings.begin({
      canConfigure: capabilities.workspace?.configuration === true,
      folders: (workspaceFolders ?? []).map(({ uri }) => uri),
      storage: storageOf(initializationOptions),
    });
    return {
      serverInfo: { name: 'Inference Lens' },
      capabilities: { textDocumentSync: TextDocumentSyncKind.None },
    };
  });
  const jobs = registerJobs(connection, answer, engines, settings);
  registerModels(connection, answer, engines);
  connection.onShutdown(() => {
    life.end();
    jobs.dispose();
    return engines.dispose();
  });
  // An editor that vanishes without a word closes the channel; the library then exits, and the engines follow.
  connection.listen();
}

function storageOf(options: unknown): string | null {
  if (options === null || typeof options !== 'object' || !('storage' in options)) return null;
  return typeof options.storage === 'string' ? options.storage : null;
}

/** Names of files and models may be in it, and what a runtime of the engine's wrote. */
function logTo({ console }: Connection, level: 'info' | 'warning' | 'error', given: string): void {
  const text = printable(given);
  if (level === 'error') console.error(text);
  else if (level === 'warning') console.warn(text);
  else console.info(text);
}

/** Any editor shows this; one that cannot answer leaves the engine alone. */
async function offerRestart({ window }: Connection, seconds: number): Promise<boolean> {
  const restart = { title: 'Restart Engine' };
  const text = `Inference Lens: the engine has not responded for ${seconds} seconds.`;
  const chosen = await window
    .showWarningMessage(text, restart, { title: 'Keep Waiting' })
    .catch(() => undefined);
  return chosen?.title === restart.title;
}
