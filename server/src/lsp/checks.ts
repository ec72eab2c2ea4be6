/** Test files (`*.check.json`) in any editor: problems of their text as one types, completion, hover and quick fixes, and the requests that list and run their expectations. */
import type { CodeAction, CompletionItem, Connection, Hover, Position, Range } from 'vscode-languageserver';
import { CHECK_SUFFIX, type ListedCheck } from '../../../protocol/checks';
import type { LensProblem } from '../../../protocol/lens-check';
import type { AnalysisOptions } from '../../../protocol/options';
import { LensError } from '../errors';
import { readCheckText } from '../evaluation/checks/check-text';
import { listCheck } from '../evaluation/checks/list';
import { completeCheck } from '../language/lens/completion';
import { hoverCheck } from '../language/lens/hover';
import { diagnosticOf, repairsIn } from '../language/lens/problems';
import type { TextDocument } from '../language/text-document';
import { pathOf } from './documents';
import { optionsFrom } from './options';
import type { SettingsReader } from './settings';
import type { Trust } from './trust';

export const isCheck = (uri: string): boolean => uri.endsWith(CHECK_SUFFIX) && uri.startsWith('file:');

export class CheckLanguage {
  /** Of open texts, by their addresses. */
  private readonly problems = new Map<string, readonly LensProblem[]>();

  constructor(private readonly connection: Connection) {}

  changed(document: TextDocument): void {
    const path = pathOf(document.uri);
    if (path === null) return;
    const { problems } = listCheck(document.text, path);
    this.problems.set(document.uri, problems);
    this.publish(
      document.uri,
      problems.map((problem) => diagnosticOf(problem, document)),
    );
  }

  closed(uri: string): void {
    this.problems.delete(uri);
    this.publish(uri, []);
  }

  complete(document: TextDocument, position: Position): Promise<readonly CompletionItem[]> {
    return completeCheck(document, document.offsetAt(position));
  }

  hover(document: TextDocument, position: Position): Hover | null {
    return hoverCheck(document, document.offsetAt(position));
  }

  actions(document: TextDocument, range: Range): readonly CodeAction[] {
    return repairsIn(document, range, this.problems.get(document.uri) ?? []);
  }

  private publish(uri: string, diagnostics: ReturnType<typeof diagnosticOf>[]): void {
    void this.connection.sendDiagnostics({ uri, diagnostics });
  }
}

/** @param text where it is not yet on disk @throws LensError of kind `usage` where the file cannot be read */
export const listed = async (path: string, text: string | null): Promise<ListedCheck> =>
  listCheck(text ?? (await readCheckText(path)), path);

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
