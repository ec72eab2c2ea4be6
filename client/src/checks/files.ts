/** Which files may hold expectations: test files (`*.check.json`), and lenses with `expect`. */
import type { Uri } from 'vscode';
import { workspace, type TextDocument } from 'vscode';
import { CHECK_SUFFIX } from '../../../protocol/checks';
import { LENS_SUFFIX } from '../../../protocol/lens';

const IGNORED = '**/node_modules/**';
/** Of both kinds. */
export const PATTERN = '**/*.{check,lens}.json';

export const isCheck = ({ scheme, path }: Uri): boolean => scheme === 'file' && path.endsWith(CHECK_SUFFIX);
export const isLens = ({ scheme, path }: Uri): boolean => scheme === 'file' && path.endsWith(LENS_SUFFIX);

const openDocument = (uri: Uri): TextDocument | undefined =>
  workspace.textDocuments.find((each) => each.uri.toString() === uri.toString());

/** Null where it is not open. */
export const openText = (uri: Uri): string | null => openDocument(uri)?.getText() ?? null;

export async function save(uri: Uri): Promise<void> {
  await openDocument(uri)?.save();
}

/** Bytes; longer files are not lenses. */
const MOST_BYTES = 262_144;

/** Whether it is worth asking the server what a file expects: of a lens, whether it has the word. */
export async function mayExpect(uri: Uri): Promise<boolean> {
  if (isCheck(uri)) return true;
  return isLens(uri) && saysExpect(openText(uri) ?? (await textOnDisk(uri)));
}

export const saysExpect = (text: string): boolean => text.includes('"expect"');

async function textOnDisk(uri: Uri): Promise<string> {
  try {
    if ((await workspace.fs.stat(uri)).size > MOST_BYTES) return '';
    return Buffer.from(await workspace.fs.readFile(uri)).toString('utf8');
  } catch {
    return ''; // gone meanwhile, or not to be read: then it expects nothing
  }
}

/** @param one stops at the first that may expect something */
export async function findFiles(one = false): Promise<readonly Uri[]> {
  const checks = (await workspace.findFiles(`**/*${CHECK_SUFFIX}`, IGNORED, one ? 1 : undefined)).filter(
    isCheck,
  );
  if (one && checks.length > 0) return checks;
  const found = [...checks];
  for (const uri of await workspace.findFiles(`**/*${LENS_SUFFIX}`, IGNORED)) {
    if (!isLens(uri) || !(await mayExpect(uri))) continue;
    found.push(uri);
    if (one) break;
  }
  return found;
}
