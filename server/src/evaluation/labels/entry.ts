/** One picture of a labeled set, as listed by its folder or manifest. */

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
