/** What a panel remembered before the window was reloaded, checked: it comes from storage, so it may be anything. */
import { isAbsolute } from 'node:path';

export interface Remembered {
  readonly image: string | null;
  /** Absolute path of the report folder. */
  readonly folder: string | null;
}

export function readMemory(kept: unknown): Remembered {
  const path = (key: 'image' | 'folder'): string | null => {
    if (kept === null || typeof kept !== 'object' || !(key in kept)) return null;
    const value = (kept as Record<string, unknown>)[key];
    return typeof value === 'string' && isAbsolute(value) ? value : null;
  };
  return { image: path('image'), folder: path('folder') };
}
