/** Test files (`*.check.json`) in any editor: problems of their text as one types, and the requests that list and run their expectations. */
import type { Connection } from 'vscode-languageserver';
import { CHECK_SUFFIX, type ListedCheck } from '../../../protocol/checks';
import type { AnalysisOptions } from '../../../protocol/options';
import { LensError } from '../errors';
import { listCheck } from '../evaluation/checks/list';
import { diagnosticOf } from '../language/lens/problems';
import type { TextDocument } from '../language/text-document';
import { readText } from '../lens/lens-file';
import { pathOf } from './documents';
import { optionsFrom } from './options';
import type { SettingsReader } from './settings';
import type { Trust } from './trust';

export const isCheck = (uri: string): boolean => uri.endsWith(CHECK_SUFFIX) && uri.startsWith('file:');

export class CheckLanguage {
  constructor(private readonly connection: Connection) {}

  changed(document: TextDocument): void {
    const path = pathOf(document.uri);
    if (path === null) return;
    const { problems } = listCheck(document.text, path);
    this.publish(
      document.uri,
      problems.map((problem) => diagnosticOf(problem, document)),
    );
  }

  closed(uri: string): void {
    this.publish(uri, []);
  }

  private publish(uri: string, diagnostics: ReturnType<typeof diagnosticOf>[]): void {
    void this.connection.sendDiagnostics({ uri, diagnostics });
  }
}

/** @param text where it is not yet on disk @throws LensError of kind `usage` where the file cannot be read */
export const listed = async (path: string, text: string | null): Promise<ListedCheck> =>
  listCheck(text ?? (await readText(path)), path);

/**
 * What the command line would take without options, so that a build finds what the editor finds; the settings say only how this machine computes.
 * @throws LensError of kind `usage` where the workspace is not trusted
 */
export async function checkOptions(
  path: string,
  settings: SettingsReader,
  trust: Trust,
): Promise<AnalysisOptions> {
  if (!trust.isTrusted)
    throw new LensError('usage', `The workspace is not trusted, so what ${path} names is not read.`, {
      code: 'untrusted',
      fix: 'Trust the workspace, then run the check again.',
      remedies: ['trust-workspace'],
    });
  const { device, threads, memoryLimit, ffmpeg, output } = await settings.optionsFor(path, {});
  return { ...optionsFrom({}, () => output), device, threads, memoryLimit, ffmpeg };
}
