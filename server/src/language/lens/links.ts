/** Files that a lens names, as links; only those that it may name and that are there. */
import { findNodeAtLocation } from 'jsonc-parser';
import { pathToFileURL } from 'node:url';
import type { DocumentLink } from 'vscode-languageserver';
import type { TextDocument } from '../text-document';
import { treeOf } from '../../lens/text-tree';

const KEYS = ['model', 'labels'] as const;

/** @param find absolute path of a regular file that the lens may name; null where there is none */
export async function linksOf(
  document: TextDocument,
  find: (name: string) => Promise<string | null>,
): Promise<readonly DocumentLink[]> {
  const tree = treeOf(document.text);
  const found = KEYS.map(async (key) => {
    const node = tree === undefined ? undefined : findNodeAtLocation(tree, [key]);
    if (node?.type !== 'string') return [];
    const path = await find(String(node.value));
    if (path === null) return [];
    const range = document.rangeOf(node.offset + 1, Math.max(node.length - 2, 0));
    return [{ range, target: pathToFileURL(path).href, tooltip: path }];
  });
  return (await Promise.all(found)).flat();
}
