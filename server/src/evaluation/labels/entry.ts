/** One picture of a labeled set, as its folder or manifest names it. */

export interface Entry {
  /** As the table shows it: relative to the set's folder, with / between its parts; as the manifest writes it otherwise. */
  readonly path: string;
  /** An address that is fetched, or absolute; read only where it still lies below `PictureSet.root` once links are resolved. */
  readonly file: string;
  /** As it was written; null where nothing says it. */
  readonly label: string | null;
}

export interface PictureSet {
  /** What the user named. */
  readonly source: string;
  /** Folder below which all pictures lie. */
  readonly root: string;
  /** In the order of the manifest, or of the folder's names. */
  readonly entries: readonly Entry[];
  /** Labels are names of folders, and nobody said that these name classes. */
  readonly labelsGuessed: boolean;
}
