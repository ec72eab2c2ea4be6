/**
 * The editor's settings, as options of the engine. They come in three ways, of which clients support
 * different ones: the editor is asked at each analysis if it says that it answers
 * (`workspace/configuration`); it sends changes (`workspace/didChangeConfiguration`); and it may send some at
 * the start (`initializationOptions`). Key by key, the first of these that has a value wins. An editor that
 * answers with an error, or not at all, gets its analysis all the same, with a message that says which
 * settings were used.
 */
import { access } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { MessageType, type Connection } from 'vscode-languageserver';
import { deprecatedIn } from '../../../protocol/deprecated';
import { OPTIONS, SECTION, type AnalysisOptions } from '../../../protocol/options';
import { printable } from '../printable';
import type { WorkspaceFolders } from './folders';
import { computesAhead, idleMinutesFrom, optionsFrom, queueFrom } from './options';

export interface Beginning {
  /** Whether the editor says that it answers `workspace/configuration`. */
  readonly canConfigure: boolean;
  /** `initializationOptions`, of any form. */
  readonly given: unknown;
}

type Section = Readonly<Record<string, unknown>>;

/** How long an editor that said it would answer is waited for. */
const ANSWER_MS = 5000;

/** What settings say of the engines themselves. */
export interface EngineSettings {
  /** After which an idle engine is to release its memory. */
  readonly idleMinutes: number;
  /** Whether the likely next target is computed. */
  readonly ahead: boolean;
}

export class SettingsReader {
  private canConfigure = false;
  /** A folder of the editor's for this server; null if it named none. */
  private storage: string | null = null;
  private initial: Section = {};
  private pushed: Section = {};
  /** The editor did not answer the last time; it is not waited for again until it does, or sends a change. */
  private silent = false;
  private readonly warned = new Set<string>();

  /** @param heard called with what the engines are to know, whenever settings have been read */
  constructor(
    private readonly connection: Connection,
    private readonly folders: WorkspaceFolders,
    private readonly heard: (settings: EngineSettings) => void,
  ) {}

  begin({ canConfigure, given }: Beginning): void {
    this.canConfigure = canConfigure;
    this.initial = sectionOf(given);
    const { storage } = isRecord(given) ? given : {};
    this.storage = typeof storage === 'string' && isAbsolute(storage) ? storage : null;
  }

  /**
   * @param settings of `workspace/didChangeConfiguration`; null only says that something has changed, and the
   * editor is then asked
   */
  changed(settings: unknown): void {
    this.silent = false;
    this.warned.clear();
    if (settings !== null && settings !== undefined) this.pushed = sectionOf(settings);
  }

  /** @throws LensError if a setting is not what it should be */
  async optionsFor(image: string, given: Partial<AnalysisOptions>): Promise<AnalysisOptions> {
    const found = await this.sectionFor(image);
    this.heard({ idleMinutes: idleMinutesFrom(found), ahead: computesAhead(found) });
    const options = optionsFrom(found, (setting) => this.outputFolder(setting, image));
    this.noteDeprecations(options);
    const paths = {
      lens: this.lensPath(options.lens, image),
      weights: await this.weightsPath(options.weights, image),
    };
    return { ...options, ...paths, ...given };
  }

  /** @throws LensError if one of the two settings is not what it should be */
  async queueFor(source: string): Promise<{ readonly address: string | null; readonly name: string }> {
    return queueFrom(await this.sectionFor(source));
  }

  private async sectionFor(path: string): Promise<Section> {
    const asked = await this.ask(pathToFileURL(path).href);
    return { ...this.initial, ...this.pushed, ...withoutNothing(asked) };
  }

  /** A name is left as it is; relative paths start at the workspace folder. */
  private lensPath(lens: string | null, image: string): string | null {
    const folder = this.folders.of(image);
    const isPath = lens !== null && (/[/\\]/.test(lens) || lens.endsWith('.json'));
    return isPath && folder !== null && !isAbsolute(lens) ? join(folder, lens) : lens;
  }

  /** A name may be one of the model store, or that of a file in the workspace folder. */
  private async weightsPath(weights: string | null, image: string): Promise<string | null> {
    const folder = this.folders.of(image);
    if (weights === null || folder === null || isAbsolute(weights)) return weights;
    const path = join(folder, weights);
    const isPath = /[/\\]/.test(weights);
    const isThere = isPath || (await access(path).then(yes, no));
    return isThere ? path : weights;
  }

  private async ask(scopeUri: string): Promise<Section> {
    if (!this.canConfigure || this.silent) return {};
    const answer = this.connection.workspace.getConfiguration({ scopeUri, section: SECTION });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        this.silent = true;
        reject(new Error(`gave no answer within ${ANSWER_MS / 1000} seconds`));
      }, ANSWER_MS);
    });
    answer.then(
      () => (this.silent = false),
      () => (this.silent = false),
    );
    try {
      return sectionOf(await Promise.race([answer, late]));
    } catch (error) {
      this.warn(error instanceof Error ? error.message : String(error));
      return {};
    } finally {
      clearTimeout(timer);
    }
  }

  /** Once for each reason: the analysis continues, but perhaps not with the user's settings. */
  private warn(reason: string): void {
    if (this.warned.has(reason)) return;
    this.warned.add(reason);
    const names = Object.keys({ ...this.initial, ...this.pushed }).join(', ');
    const used = names === '' ? 'the defaults' : `those it gave before (${names}), else the defaults`;
    const text = printable(
      `The editor was asked for its settings of Inference Lens (workspace/configuration): ${reason}. Settings used: ${used}.`,
    );
    this.connection.console.warn(text);
    // As a notification: the library sends a request, which such an editor may answer with an error too.
    void this.connection.sendNotification('window/showMessage', { type: MessageType.Warning, message: text });
  }

  /** In the log, once for each; VS Code shows it beside the setting as well. */
  private noteDeprecations(options: AnalysisOptions): void {
    for (const { row, value, instead, overruled } of deprecatedIn(options)) {
      const [older, newer] = [`${SECTION}.${row.name}`, `${SECTION}.${instead.name}`];
      const text = overruled
        ? `${older} is deprecated, and ignored because ${newer} is set.`
        : `${older} is deprecated; set ${newer} to "${printable(value)}" instead.`;
      if (this.warned.has(text)) continue;
      this.warned.add(text);
      this.connection.console.warn(text);
    }
  }

  private outputFolder(setting: string, image: string): string {
    if (isAbsolute(setting)) return setting;
    const base = this.folders.of(image) ?? this.storage ?? process.cwd();
    return join(base, setting || OPTIONS.output.default);
  }
}

const yes = () => true;
const no = () => false;

const isRecord = (value: unknown): value is Section =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/** Clients answer null for what is not set. */
const withoutNothing = (section: Section): Section =>
  Object.fromEntries(Object.entries(section).filter(([, value]) => value !== null && value !== undefined));

/**
 * Finds the settings in what a client sends: the section itself, the section under its name or under
 * `settings`, or names with the section before a dot. An empty list is Lua's empty table.
 */
function sectionOf(value: unknown): Section {
  if (!isRecord(value)) return {};
  if (isRecord(value[SECTION])) return sectionOf(value[SECTION]);
  if (isRecord(value['settings'])) return sectionOf(value['settings']);
  const prefix = `${SECTION}.`;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [
      name.startsWith(prefix) ? name.slice(prefix.length) : name,
      each,
    ]),
  );
}
