/** Files that a lens names, as links; only those that it may name and that are there. */
import { findNodeAtLocation } from 'jsonc-parser';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { DocumentLink } from 'vscode-languageserver';
import { LensError } from '../../errors';
import { pathInLens, type LensOfPaths } from '../../lens/lens-paths';
import { treeOf } from '../../lens/text-tree';
import type { TextDocument } from '../text-document';

const KEYS = ['model', 'labels'] as const;

/** @param path absolute; of the lens. @param trusted whether it may name files outside of its folder */
export async function linksOf(
  document: TextDocument,
  path: string,
  trusted: boolean,
): Promise<readonly DocumentLink[]> {
  const tree = treeOf(document.text);
  const lens: LensOfPaths = { folder: dirname(path), at: () => path };
  const found = KEYS.map(async (key) => {
    const node = tree === undefined ? undefined : findNodeAtLocation(tree, [key]);
    if (node?.type !== 'string') return [];
    const named = await pathInLens({ lens, key, text: String(node.value), trusted }).catch(refused);
    if (named === null || !(await isFile(named))) return [];
    const range = document.rangeOf(node.offset + 1, Math.max(node.length - 2, 0));
    return [{ range, target: pathToFileURL(named).href, tooltip: named }];
  });
  return (await Promise.all(found)).flat();
}

function refused(thrown: unknown): null {
  if (thrown instanceof LensError) return null;
  throw thrown;
}

const isFile = async (path: string): Promise<boolean> =>
  (await stat(path).catch(() => null))?.isFile() === true;
