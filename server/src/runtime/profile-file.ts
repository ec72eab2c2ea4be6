/** The file that the runtime profiles a session into, unlinked as soon as it is open: none stays behind, even after a kill. */
import type { FileHandle } from 'node:fs/promises';
import { mkdtemp, open, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface ProfileFile {
  /** For the session's options; the runtime adds the time and `.json`. */
  readonly prefix: string;
  /** To be called once the session exists, since creating it creates the file. */
  opened(): Promise<void>;
  /** What was written, once the session has ended profiling; empty where that cannot be read. */
  read(): Promise<string>;
  /** Removes whatever there still is. */
  discard(): Promise<void>;
}

/** Null where no temporary folder can be written: an analysis does not fail for want of its profile. */
export async function createProfileFile(root: string = tmpdir()): Promise<ProfileFile | null> {
  let folder: string;
  try {
    folder = await mkdtemp(join(root, 'inference-lens-profile-'));
  } catch {
    return null;
  }
  let file: FileHandle | null = null;
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true }).catch(() => undefined);
  return {
    prefix: join(folder, 'session'),
    async opened() {
      const [name] = await readdir(folder).catch(() => []);
      if (name !== undefined) file = await open(join(folder, name), 'r').catch(() => null);
      await remove(); // Windows refuses while the file is open, and gets it done in `discard`
    },
    read: async () => (await file?.readFile('utf8').catch(() => '')) ?? '',
    async discard() {
      await file?.close().catch(() => undefined);
      file = null;
      await remove();
    },
  };
}
