/** Where reports of an image go: into the extension's storage, unless a setting names a folder. */
import { mkdir, writeFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';

export interface OutputPlace {
  /** The setting; empty if there is none. A relative one counts from the image's workspace folder. */
  readonly setting: string;
  /** Of the image; null if it lies in none. */
  readonly workspaceFolder: string | null;
  /** The extension's own folder, outside any workspace. */
  readonly storage: string;
}

export const ownFolder = (storage: string): string => join(storage, 'reports');

export function wantedFolder({ setting, workspaceFolder, storage }: OutputPlace): string {
  if (setting === '' || (workspaceFolder === null && !isAbsolute(setting))) return ownFolder(storage);
  return isAbsolute(setting) ? setting : join(workspaceFolder ?? '', setting);
}

/** A folder that is made for reports is kept out of Git; one that was there is the user's, and gets nothing but reports. */
export async function outputFolder(place: OutputPlace): Promise<string> {
  const folder = wantedFolder(place);
  if (place.setting === '') return folder;
  try {
    const made = await mkdir(folder, { recursive: true });
    if (made !== undefined) await writeFile(join(folder, '.gitignore'), '*\n', { flag: 'wx' });
  } catch {
    // The user is taken at their word: the server says what is wrong with the folder.
  }
  return folder;
}
