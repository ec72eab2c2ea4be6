/** The workspace's folders, as the editor names them at the start and as they come and go. */
import { fileURLToPath, pathToFileURL } from 'node:url';
import { isInside } from '../../../files/inside';

type Log = (text: string) => void;

/**
 * What `initialize` says about folders: the current field first, then the older ones, which are all that some
 * clients send.
 */
export interface InitialFolders {
  readonly workspaceFolders?: unknown;
  readonly rootUri?: unknown;
  readonly rootPath?: unknown;
}

export class WorkspaceFolders {
  private paths: readonly string[] = [];

  constructor(private readonly log: Log) {}

  begin({ workspaceFolders, rootUri, rootPath }: InitialFolders): void {
    const named = this.pathsOf(workspaceFolders);
    if (named.length > 0) this.paths = named;
    else if (typeof rootUri === 'string') this.paths = this.pathsOf([{ uri: rootUri }]);
    else if (typeof rootPath === 'string' && rootPath !== '')
      this.paths = this.pathsOf([{ uri: pathToFileURL(rootPath).href }]);
  }

  /** @param event of `workspace/didChangeWorkspaceFolders`; anything, since it comes from another process */
  change(event: unknown): void {
    const { added, removed } = (event ?? {}) as { readonly added?: unknown; readonly removed?: unknown };
    const gone = this.pathsOf(removed);
    this.paths = [...new Set([...this.paths.filter((path) => !gone.includes(path)), ...this.pathsOf(added)])];
  }

  get all(): readonly string[] {
    return this.paths;
  }

  /** The innermost folder that contains a file; null if none does. */
  of(file: string): string | null {
    const around = this.paths.filter((path) => isInside(file, path));
    return around.toSorted((a, b) => b.length - a.length)[0] ?? null;
  }

  /** Those on this machine's disk. */
  private pathsOf(folders: unknown): readonly string[] {
    if (!Array.isArray(folders)) return [];
    return folders.flatMap((folder: unknown) => {
      const uri = (folder as { readonly uri?: unknown } | null)?.uri;
      if (typeof uri !== 'string') return [];
      try {
        // Without a trailing slash, which some clients send.
        return [fileURLToPath(uri).replace(/(?<=[^\\/:])[\\/]+$/, '')];
      } catch {
        this.log(
          `The workspace folder ${uri} is not a folder on this machine's disk: no reports are written there.`,
        );
        return [];
      }
    });
  }
}
