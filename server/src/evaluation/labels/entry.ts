/** One picture of a labeled set, as listed by its folder or manifest. */
import { join } from 'node:path';

export interface Entry {
  /** As the table shows it: relative to the set's folder, with / between its parts; else as in the manifest. */
  readonly path: string;
  /**
   * An address that is fetched, or absolute; read only if it is still below `PictureSet.root` once links are
   * resolved.
   */
  readonly file: string;
  /** As written; null for none. */
  readonly label: string | null;
}

/** A set may have millions: the folder that all are below is not repeated in each. */
export class EntryBelow implements Entry {
  constructor(
    private readonly root: string,
    readonly path: string,
    readonly label: string | null,
  ) {}

  get file(): string {
    return join(this.root, this.path);
  }
}

/** The first of equal texts. */
export function interned(): (text: string) => string {
  const seen = new Map<string, string>();
  return (text) => {
    const found = seen.get(text);
    if (found !== undefined) return found;
    const own = apart(text);
    seen.set(own, own);
    return own;
  };
}

/** The same text without what it was cut from: the runtime keeps the whole of that, of which others are part, as long as a part is held. */
export const apart = (text: string): string => Buffer.from(text, 'utf16le').toString('utf16le');

export interface PictureSet {
  /** What the user named. */
  readonly source: string;
  /** Folder that all pictures are below. */
  readonly root: string;
  /** In the order of the manifest, or of the folder's names. */
  readonly entries: readonly Entry[];
  /** Labels are names of folders, and the user did not say that these are classes. */
  readonly labelsGuessed: boolean;
  /** What the reader should know of the list. */
  readonly note?: string;
}
