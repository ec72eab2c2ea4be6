/** The server: connects an editor with the engine, answers everything, and leaves no process behind. */
import type { Connection } from 'vscode-languageserver';
import { version } from '../../../package.json';
import { trustGranted } from '../../../protocol/requests';
import { printable } from '../printable';
import { Analyses } from './analyses';
import { answering } from './answer';
import { Engines } from './engines';
import { registerCommands } from './execute';
import { WorkspaceFolders } from './folders';
import { ImageLanguage } from './image-language';
import { languageCapabilities, registerLanguages } from './languages';
import { Lifecycle } from './lifecycle';
import { registerRequests } from './requests';
import { SettingsReader } from './settings';
import { Trust } from './trust';

export interface ServeOptions {
  /** The engine's bundle. */
  readonly enginePath: string;
  /** The editor starts this server for an analysis: the engine need not wait for the editor's settings. */
  readonly expectsAnalysis?: boolean;
}

export function serve(connection: Connection, { enginePath, expectsAnalysis }: ServeOptions): void {
  const engines = new Engines(
    enginePath,
    (level, text) => logTo(connection, level, text),
    (seconds, restart) => void offerRestart(connection, seconds).then((wanted) => wanted && restart()),
  );
  if (expectsAnalysis === true) engines.expectAnalysis();
  const folders = new WorkspaceFolders((text) => logTo(connection, 'warning', text));
  const settings = new SettingsReader(connection, folders, (said) => engines.follow(said));
  const trust = new Trust();

  const images = new ImageLanguage(folders, trust);
  const languages = registerLanguages(connection, engines, trust, images, folders);
  const analyses = new Analyses(connection, engines, trust, languages.analyzed);
  let showsDocuments = false;
  registerCommands({ connection, engines, analyses, settings, trust, shows: () => showsDocuments });

  const life = new Lifecycle();
  const answer = answering(connection, life);

  connection.onInitialize((params) => {
    life.begin();
    const { capabilities } = params;
    const given: unknown = params.initializationOptions;
    folders.begin(params);
    settings.begin({ canConfigure: capabilities.workspace?.configuration === true, given });
    trust.begin(given);
    showsDocuments = capabilities.window?.showDocument?.support === true;
    // Here, since the library sets a handler of its own just before, for editors that announce the capability.
    connection.onNotification('workspace/didChangeWorkspaceFolders', (change: { event?: unknown } | null) =>
      folders.change(change?.event),
    );
    return {
      serverInfo: { name: 'Inference Lens', version },
      capabilities: {
        ...languageCapabilities,
        workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
      },
    };
  });
  connection.onDidChangeConfiguration((change: { settings?: unknown } | null) =>
    settings.changed(change?.settings),
  );
  connection.onNotification(trustGranted.method, () => {
    trust.grant();
    languages.trusted();
  });
  const requests = registerRequests(connection, answer, engines, analyses, settings, trust);
  connection.onShutdown(() => {
    life.end();
    requests.dispose();
    languages.dispose();
    return engines.dispose();
  });
  // An editor that dies closes the channel; the library then exits, and the engines follow.
  connection.listen();
}

/** It may contain names of files and models, and output of the engine's runtime. */
function logTo({ console }: Connection, level: 'info' | 'warning' | 'error', given: string): void {
  const text = printable(given);
  if (level === 'error') console.error(text);
  else if (level === 'warning') console.warn(text);
  else console.info(text);
}

/** Every editor shows this; one that cannot answer leaves the engine running. */
async function offerRestart({ window }: Connection, seconds: number): Promise<boolean> {
  const restart = { title: 'Restart Engine' };
  const text = `Inference Lens: the engine has not responded for ${seconds} seconds.`;
  const chosen = await window
    .showWarningMessage(text, restart, { title: 'Keep Waiting' })
    .catch(() => undefined);
  return chosen?.title === restart.title;
}
