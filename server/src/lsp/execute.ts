/** Commands that any editor can run by name (`workspace/executeCommand`), so that none needs code for the requests of protocol/requests.ts. */
import { randomUUID } from 'node:crypto';
import { isAbsolute, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { MessageType, type CancellationToken, type Connection } from 'vscode-languageserver';
import { IMAGE_EXTENSIONS } from '../../../protocol/vocabulary';
import type { FinishedReport } from '../../../protocol/requests';
import { LensError, asLensError } from '../errors';
import { toFailure } from '../engine/failure';
import { printable } from '../printable';
import type { Analyses } from './analyses';
import { pathOf } from './documents';
import type { Engines } from './engines';
import { givenOptions } from './given-options';
import { ANALYZE_FILE, verdictIn } from './image-language';
import { show } from './json';
import { worded } from './remedies';
import type { SettingsReader } from './settings';
import type { Trust } from './trust';

export const CREATE_LENS_FILE = 'inferenceLens.createLensFile';

export const commands = [ANALYZE_FILE, CREATE_LENS_FILE] as const;

interface Around {
  readonly connection: Connection;
  readonly engines: Engines;
  readonly analyses: Analyses;
  readonly settings: SettingsReader;
  readonly trust: Trust;
  /** Whether the editor supports `window/showDocument`. */
  readonly shows: () => boolean;
}

/** Never throws: errors are both shown and returned, since an editor may ignore either. */
export function registerCommands(around: Around): void {
  const { connection } = around;
  connection.onExecuteCommand(async ({ command, arguments: given = [] }, token) => {
    try {
      if (command === ANALYZE_FILE) return { ok: true, value: await analyzeFile(given, around, token) };
      if (command === CREATE_LENS_FILE) return { ok: true, value: await createLensFile(given, around) };
      throw new LensError('usage', `There is no command ${show(command)}.`, {
        fix: `Commands are ${commands.join(', ')}.`,
      });
    } catch (thrown) {
      const failure = worded(toFailure(asLensError(thrown)));
      if (failure.kind !== 'cancelled')
        showMessage(connection, MessageType.Error, [failure.message, failure.fix ?? ''].join(' ').trim());
      return { ok: false, failure };
    }
  });
}

/** A notification, not the library's request, at which Neovim and Emacs would stop and ask. */
const showMessage = (connection: Connection, type: MessageType, text: string): void =>
  void connection.sendNotification('window/showMessage', { type, message: printable(text) });

/** The image by its path or URI, and options that differ from the settings; the report is shown when it is there. */
async function analyzeFile(
  [subject, options]: readonly unknown[],
  { connection, analyses, settings, shows }: Around,
  token: CancellationToken,
): Promise<FinishedReport> {
  const image = fileOf(subject, `an image (${IMAGE_EXTENSIONS.join(', ')})`);
  const given = givenOptions(options ?? {});
  const prepare = async () => ({ image, options: await settings.optionsFor(image, given) });
  const finished = await analyses.run(randomUUID(), prepare, token, null);
  const { folder, report } = finished;
  const file = join(folder, 'report.md');
  const warned = report.warnings.length;
  const warnings = warned === 0 ? '' : `, ${warned} ${warned === 1 ? 'warning' : 'warnings'}`;
  showMessage(connection, MessageType.Info, `${verdictIn(report)}${warnings}: ${file}`);
  if (shows()) await connection.window.showDocument({ uri: pathToFileURL(file).href, takeFocus: true });
  return finished;
}

async function createLensFile([subject]: readonly unknown[], around: Around): Promise<object> {
  const { connection, engines, trust, shows } = around;
  const path = fileOf(subject, 'a model');
  const task = { kind: 'createLens', path, trusted: trust.isTrusted } as const;
  const written = await engines.run<'createLens'>(randomUUID(), task);
  if (shows())
    await connection.window.showDocument({ uri: pathToFileURL(written.path).href, takeFocus: true });
  else showMessage(connection, MessageType.Info, `Wrote ${written.path}`);
  return written;
}

/** @throws LensError of kind `usage` */
function fileOf(subject: unknown, what: string): string {
  const path = typeof subject === 'string' ? (isAbsolute(subject) ? subject : pathOf(subject)) : null;
  if (path !== null && !path.includes('\0')) return path;
  throw new LensError(
    'usage',
    `The command's first argument should be the path or URI of ${what}; found ${show(subject)}.`,
  );
}
