/** Where reports of an image go. */
import { constants } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { OPTIONS } from '../../../protocol/options';

export interface OutputPlace {
  /** The setting; empty if there is none. A relative one counts from the image's workspace folder. */
  readonly setting: string;
  /** Of the image; null if it lies in none. */
  readonly workspaceFolder: string | null;
  /** The extension's own folder, outside any workspace. */
  readonly storage: string;
}

/** The folder, and whether it is only the second choice because the workspace cannot be written. */
export async function outputFolder(
  place: OutputPlace,
): Promise<{ readonly folder: string; readonly instead: boolean }> {
  const folder = wantedFolder(place);
  // What the user chose is taken at their word: the server says what is wrong with it.
  if (place.setting !== '' || (await writable(folder))) return { folder, instead: false };
  return { folder: ownFolder(place), instead: true };
}

const ownFolder = ({ storage }: OutputPlace): string => join(storage, 'reports');

export function wantedFolder(place: OutputPlace): string {
  const { setting, workspaceFolder } = place;
  if (isAbsolute(setting)) return setting;
  return workspaceFolder === null
    ? ownFolder(place)
    : join(workspaceFolder, setting || OPTIONS.output.default);
}

async function writable(folder: string): Promise<boolean> {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
