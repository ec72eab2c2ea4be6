/** The image that a text names at a position, if it lies in the workspace and the workspace is trusted. */
import { workspace, type Position, type Range, type TextDocument } from 'vscode';
import { findImage } from '../../../files/image-references';
import { imagePathAt, imagePathsIn, type ImagePath } from '../../../protocol/image-paths';

const pathsOfFolders = (): readonly string[] =>
  (workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath);

/** Absolute path; null where the path leads nowhere, or out of the workspace. */
export function fileOf(document: TextDocument, { path }: ImagePath): Promise<string | null> {
  // A cell of a notebook has its notebook's path.
  return workspace.isTrusted ? findImage(path, document.uri.fsPath, pathsOfFolders()) : Promise.resolve(null);
}

/** Null if there is no path of an image at this position. */
export const namedAt = (document: TextDocument, { line, character }: Position): ImagePath | null =>
  imagePathAt(document.lineAt(line).text, character);

/** Whether there is a path of an image in these lines; the file is not looked for. */
export function namesImage(document: TextDocument, { start, end }: Range): boolean {
  for (let line = start.line; line <= Math.min(end.line, document.lineCount - 1); line++)
    if (imagePathsIn(document.lineAt(line).text).length > 0) return true;
  return false;
}

/** Lines of a text that are looked at, and images that are looked for on disk. */
const MOST = { lines: 5000, images: 100 } as const;

export interface NamedInText {
  readonly line: number;
  readonly named: ImagePath;
  readonly path: string;
}

/** The images that a text names, up to the first hundred; each file is looked for once. */
export async function imagesIn(document: TextDocument): Promise<readonly NamedInText[]> {
  const named = [];
  for (let line = 0; line < Math.min(document.lineCount, MOST.lines) && named.length < MOST.images; line++)
    for (const each of imagePathsIn(document.lineAt(line).text)) named.push({ line, named: each });
  const looked = new Map<string, Promise<string | null>>();
  const found = named.slice(0, MOST.images).map(async ({ line, named: each }) => {
    const known = looked.get(each.path) ?? fileOf(document, each);
    looked.set(each.path, known);
    const path = await known;
    return path === null ? [] : [{ line, named: each, path }];
  });
  return (await Promise.all(found)).flat();
}
