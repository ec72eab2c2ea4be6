/** The editor's settings, asked for at each analysis, as options of the engine. */
import { isAbsolute, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Connection } from 'vscode-languageserver';
import type { AnalysisOptions } from '../../../protocol/analysis';
import { idleMinutesFrom, optionsFrom } from './options';

export interface Beginning {
  /** Whether the editor answers `workspace/configuration`. */
  readonly canConfigure: boolean;
  /** URIs of the workspace's folders at the start. */
  readonly folders: readonly string[];
  /** A folder of the editor's for this server; null if it named none. */
  readonly storage: string | null;
}

export class SettingsReader {
  private beginning: Beginning = { canConfigure: false, folders: [], storage: null };

  /** @param idle is told after how many minutes the engine is to give its memory back */
  constructor(
    private readonly connection: Connection,
    private readonly idle: (minutes: number) => void,
  ) {}

  begin(beginning: Beginning): void {
    this.beginning = beginning;
  }

  /** @throws LensError if a setting is not what it should be */
  async optionsFor(image: string, given: Partial<AnalysisOptions>): Promise<AnalysisOptions> {
    const uri = pathToFileURL(image).href;
    const found: unknown = this.beginning.canConfigure
      ? await this.connection.workspace.getConfiguration({ scopeUri: uri, section: 'inferenceLens' })
      : null;
    this.idle(idleMinutesFrom(found));
    return { ...optionsFrom(found, (setting) => this.outputFolder(setting, uri)), ...given };
  }

  private outputFolder(setting: string, imageUri: string): string {
    if (isAbsolute(setting)) return setting;
    const { folders, storage } = this.beginning;
    const folder = folders.find((uri) => imageUri.startsWith(`${uri.replace(/\/$/, '')}/`));
    const base = folder === undefined ? (storage ?? process.cwd()) : fileURLToPath(folder);
    return join(base, setting || 'inference-lens-report');
  }
}
