/**
 * Files that a lens names. A lens may come with any repository, so it chooses no files but those below its own folder: relative paths with
 * `/`, that stay there once links are resolved, of regular files of bounded size. Others only where the user trusts it.
 */
import { isAbsolute, join, win32 } from 'node:path';
import { fileProblem, FileRefusal, readFileBelow, withFileAt } from '../../../files/regular-file';
import { textOfBytes } from '../../../files/text';
import { LensError } from '../errors';
import type { NamedLens } from './lens-file';

export interface PathTrust {
  /** The command line, or a workspace that the reader trusts: files outside of the lens's folder may be named. */
  readonly trusted: boolean;
  /** Not trusted wherever it lies, as it may come with any model: trusting the workspace changes nothing. */
  readonly never?: true;
}

/** Of a lens that nobody named, since it is found beside a model. */
export const NEVER_TRUSTED: PathTrust = { trusted: false, never: true };

/** Of a lens that ships with this program, whose folders an installation may have made of links. */
export const OWN: PathTrust = { trusted: true };

/** What has to be known of a lens to find what it names. */
export type LensOfPaths = Pick<NamedLens, 'folder' | 'at'>;

/** Where it is in the lens, and what it names. */
interface Named extends PathTrust {
  readonly lens: LensOfPaths;
  readonly key: 'labels' | 'model';
  readonly text: string;
}

/** What to do about a path that no trust would help. */
const CORRECT = {
  labels: 'Correct the path, which starts at the folder of the lens, or list the names in the lens.',
  model: 'Correct the path, which starts at the folder of the lens.',
} as const;

/**
 * Absolute path of a file that a lens names. Nothing is opened, and it need not be there.
 * @throws LensError of kind `usage` with line and column where the lens may not name it
 */
export async function pathInLens({ lens, key, text, trusted, never }: Named): Promise<string> {
  const refuse = (expected: string, found: string, remedy = false): LensError =>
    new LensError('usage', `${lens.at(key)}: ${key}: expected ${expected}, found ${found}.`, {
      ...(!remedy
        ? { fix: CORRECT[key] }
        : never
          ? {
              fix: `Move the file below the folder of the lens${key === 'labels' ? ', or list the names in it' : ''}.`,
            }
          : { remedies: ['trust-workspace'] as const }),
    });
  const { folder } = lens;
  const quoted = JSON.stringify(text);
  if (folder === null) throw refuse('no file, since this lens has no folder', quoted);
  if (text.includes('\\')) throw refuse('a path with /', quoted);
  const outside = isAbsolute(text) || win32.isAbsolute(text) || /^[A-Za-z]:/.test(text) || leaves(text);
  if (outside) {
    if (trusted) return isAbsolute(text) ? text : join(folder, text);
    throw refuse("a path below the lens's own folder", quoted, true);
  }
  const problem = trusted ? null : await fileProblem(folder, text);
  if (problem !== null) throw refuse("a file below the lens's own folder", `${quoted}: ${problem}`, true);
  return join(folder, text);
}

/** Whether a path with `/` leaves the folder that it starts in. */
function leaves(text: string): boolean {
  let depth = 0;
  for (const part of text.split('/')) {
    depth += part === '..' ? -1 : part === '' || part === '.' ? 0 : 1;
    if (depth < 0) return true;
  }
  return false;
}

/** The text of a file that a lens names. @param most bytes @throws LensError of kind `usage` with line and column */
export async function textInLens(
  named: Named,
  most: number,
): Promise<{ readonly path: string; readonly text: string }> {
  const path = await pathInLens(named);
  const { lens, key, trusted } = named;
  try {
    const bytes = trusted
      ? await withFileAt(path, most, ({ bytes: size, read }) => read(0, size))
      : await readFileBelow(lens.folder ?? '', named.text, most);
    return { path, text: textOfBytes(bytes) };
  } catch (thrown) {
    if (!(thrown instanceof FileRefusal)) throw thrown;
    throw new LensError('usage', `${lens.at(key)}: ${key}: ${path}: expected a file, ${thrown.message}.`, {
      ...{ fix: CORRECT[key], cause: thrown },
    });
  }
}
