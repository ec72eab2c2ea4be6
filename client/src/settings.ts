/** The extension's settings, read where they are used so that a change counts at once. */
import { resolve } from 'node:path';
import { ConfigurationTarget, workspace, type Uri } from 'vscode';
import { SECTION, type SettingName } from '../../protocol/options';
import { chosenIn, writtenAs } from '../../protocol/setting-text';

export const section = SECTION;

export interface Settings {
  readonly runtime: string;
  /** Null leaves the choice to the pipeline. */
  readonly weights: string | null;
  readonly device: string;
  /** Empty for the default folder. */
  readonly output: string;
  /** Null leaves it to where the report lies. */
  readonly pictures: string | null;
}

export function settings(scope?: Uri): Settings {
  const all = workspace.getConfiguration(section, scope ?? null);
  const text = (key: SettingName) => chosenIn(key, all.get<string>(key) ?? '');
  return {
    runtime: text('runtime') || 'auto',
    weights: text('weights') || null,
    device: text('device') || 'auto',
    output: text('output'),
    pictures: text('pictures') || null,
  };
}

/** What a setting of one word says; empty where nothing is chosen. */
export const current = (key: SettingName): string =>
  chosenIn(key, workspace.getConfiguration(section).get<string>(key) ?? '');

/** The file that a setting names, as the server finds it: relative paths start at the workspace folder. @param scope in that folder */
export function fileOf(text: string, scope?: Uri): string {
  const folder = (scope && workspace.getWorkspaceFolder(scope)) ?? workspace.workspaceFolders?.[0];
  return folder === undefined ? resolve(text) : resolve(folder.uri.fsPath, text);
}

/** Changes a setting where it is already set, else for the user. @param value empty to leave the choice open */
export async function change(key: SettingName, value: string): Promise<void> {
  const all = workspace.getConfiguration(section);
  const set = all.inspect(key);
  const target =
    set?.workspaceValue === undefined ? ConfigurationTarget.Global : ConfigurationTarget.Workspace;
  await all.update(key, writtenAs(key, value), target);
}
