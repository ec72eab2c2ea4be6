/** Lens files in any editor: problems as one types, completion, hover, links and quick fixes. */
import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type {
  CodeAction,
  CompletionItem,
  Connection,
  Diagnostic,
  DocumentLink,
  Hover,
  Location,
  Position,
  Range,
} from 'vscode-languageserver';
import { isInside, isReallyInside } from '../../../files/inside';
import { LENS_SUFFIX } from '../../../protocol/lens';
import type { LensModel, LensProblem } from '../../../protocol/lens-check';
import { toFailure } from '../engine/failure';
import { asLensError, type LensError } from '../errors';
import { completeLens } from '../language/lens/completion';
import { hoverLens } from '../language/lens/hover';
import { linksOf } from '../language/lens/links';
import { diagnosticOf, repairsIn } from '../language/lens/problems';
import type { TextDocument } from '../language/text-document';
import type { FileLens } from '../lens/lens-file';
import { problemsOfNamedFiles } from '../lens/named-files';
import { readLensText } from '../lens/problems';
import { pathOf } from './documents';
import type { Engines } from './engines';
import { worded } from './remedies';
import type { Trust } from './trust';

export const isLens = (uri: string): boolean => uri.endsWith(LENS_SUFFIX) && uri.startsWith('file:');

/** Milliseconds without a key before the network is asked. */
const PAUSE = 250;

/** Milliseconds that completion waits for the network to be examined. */
const PATIENCE = 2000;

interface Examined {
  readonly problems: readonly LensProblem[];
  /** Of the last text that could be compared with one. */
  readonly model: LensModel | null;
  /** Resolves when the comparison in progress has ended. */
  readonly done: Promise<void>;
  readonly stop: () => void;
}

const NOTHING: Examined = { problems: [], model: null, done: Promise.resolve(), stop: () => undefined };

export class LensLanguage {
  private readonly examined = new Map<string, Examined>();

  constructor(
    private readonly connection: Connection,
    private readonly engines: Engines,
    private readonly trust: Trust,
    /** Problems of the file that others found. */
    private readonly besides: (uri: string) => readonly Diagnostic[],
  ) {}

  changed(document: TextDocument): void {
    const path = pathOf(document.uri);
    if (path === null) return;
    const { model, stop, problems: before } = this.of(document.uri);
    stop();
    const { lens, problems } = readLensText(document.text, path);
    // Problems of the text itself are published at once.
    if (lens === null) this.publish(document, { ...NOTHING, model, problems });
    const isText = problems.every(({ code }) => code !== 'syntax');
    if (!this.trust.isTrusted) this.publishUntrusted(document, lens, problems);
    else if (isText)
      this.examined.set(document.uri, {
        problems: lens === null ? problems : before,
        ...{ model, ...this.compare(document, path) },
      });
  }

  closed(uri: string): void {
    this.of(uri).stop();
    this.examined.delete(uri);
    void this.connection.sendDiagnostics({ uri, diagnostics: [...this.besides(uri)] });
  }

  /** Publishes again, since problems that others found have changed. */
  renew(document: TextDocument): void {
    this.publish(document, this.of(document.uri));
  }

  dispose(): void {
    for (const { stop } of this.examined.values()) stop();
  }

  complete(document: TextDocument, position: Position): Promise<readonly CompletionItem[]> {
    const folder = dirname(pathOf(document.uri) ?? '');
    return completeLens(document, document.offsetAt(position), {
      model: () => this.modelOf(document.uri),
      filesIn: (below) => namesIn(folder, below, this.trust.isTrusted),
    });
  }

  hover(document: TextDocument, position: Position): Hover | null {
    return hoverLens(document, document.offsetAt(position), this.of(document.uri).model);
  }

  actions(document: TextDocument, range: Range): readonly CodeAction[] {
    return repairsIn(document, range, this.of(document.uri).problems);
  }

  links(document: TextDocument): Promise<readonly DocumentLink[]> {
    return linksOf(document, pathOf(document.uri) ?? '', this.trust.isTrusted);
  }

  /** The file under the cursor. */
  async definition(document: TextDocument, { line, character }: Position): Promise<Location | null> {
    const at = (await this.links(document)).find(
      ({ range: { start, end } }) =>
        start.line === line && start.character - 1 <= character && character <= end.character + 1,
    );
    const start = { line: 0, character: 0 };
    return at?.target === undefined ? null : { uri: at.target, range: { start, end: start } };
  }

  private async modelOf(uri: string): Promise<LensModel | null> {
    const late = new Promise((resolve) => setTimeout(resolve, PATIENCE).unref());
    await Promise.race([this.of(uri).done, late]);
    return this.of(uri).model;
  }

  private of(uri: string): Examined {
    return this.examined.get(uri) ?? NOTHING;
  }

  /** Compares the lens with its network in the engine once typing has paused, and publishes the result. */
  private compare(document: TextDocument, path: string): Pick<Examined, 'done' | 'stop'> {
    const job = randomUUID();
    const stopping = new AbortController();
    const isOver = (): boolean => stopping.signal.aborted;
    const done = new Promise<void>((resolve) => setTimeout(resolve, PAUSE))
      .then(async () => {
        if (isOver()) return;
        const task = { kind: 'checkLens', path, text: document.text, trusted: this.trust.isTrusted } as const;
        const { problems, model } = await this.engines.run<'checkLens'>(job, task);
        if (!isOver()) this.publish(document, { ...NOTHING, problems, model });
      })
      .catch((thrown: unknown) => {
        const error = asLensError(thrown);
        if (error.kind !== 'cancelled') this.connection.console.error(`${path}: ${error.message}`);
      });
    const stop = (): void => {
      stopping.abort();
      this.engines.cancel(job);
    };
    return { done, stop };
  }

  private publish(document: TextDocument, examined: Examined): void {
    const { uri, version } = document;
    this.examined.set(uri, examined);
    const own = examined.problems.map((problem) => diagnosticOf(problem, document));
    void this.connection.sendDiagnostics({ uri, version, diagnostics: [...own, ...this.besides(uri)] });
  }

  /**
   * In an untrusted workspace no network is read that the user did not choose: only the text is checked, and the files that the lens may
   * name all the same.
   */
  private publishUntrusted(
    document: TextDocument,
    lens: FileLens | null,
    problems: readonly LensProblem[],
  ): void {
    this.publish(document, { ...NOTHING, problems });
    if (lens === null) return;
    const published = this.of(document.uri);
    void problemsOfNamedFiles(lens, { trusted: false }, fixInEditor).then((found) => {
      const isStill = this.examined.get(document.uri) === published;
      if (found.length > 0 && isStill) this.publish(document, { ...NOTHING, problems: found });
    });
  }
}

const fixInEditor = (error: LensError): string | null => worded(toFailure(error)).fix;

/** Most entries of a folder that are offered. */
const MOST_ENTRIES = 500;

/** @param below with `/` at its end, or empty; never above the folder, and through links only where these are trusted */
async function namesIn(folder: string, below: string, trusted: boolean): Promise<readonly string[]> {
  const place = join(folder, below);
  if (!isInside(place, folder)) return [];
  if (!trusted && !(await isReallyInside(place, folder))) return [];
  const entries = await readdir(place, { withFileTypes: true }).catch(() => []);
  return entries
    .filter(({ name }) => !name.startsWith('.'))
    .slice(0, MOST_ENTRIES)
    .flatMap((entry) =>
      entry.isDirectory() ? [`${below}${entry.name}/`] : entry.isFile() ? [`${below}${entry.name}`] : [],
    );
}
