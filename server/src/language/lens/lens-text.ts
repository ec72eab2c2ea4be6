/** What stands at a place of a lens's text, and the schemas that apply there. */
import { findNodeAtLocation, findNodeAtOffset, getNodePath, getNodeValue, type Node } from 'jsonc-parser';
import type { LensPath } from '../../../../protocol/lens-check';
import type { Schema } from '../../lens/json-schema';

/** The string, number or key at an offset, with the path of the value that it is or names. */
export interface Token {
  readonly node: Node;
  readonly path: LensPath;
  readonly isKey: boolean;
}

export function tokenAt(tree: Node, offset: number): Token | null {
  const node = findNodeAtOffset(tree, offset, true);
  if (node === undefined) return null;
  const isKey = node.parent?.type === 'property' && node.parent.children?.[0] === node;
  return { node, path: getNodePath(node), isKey };
}

export const valueAt = (tree: Node, path: LensPath): unknown => {
  const node = findNodeAtLocation(tree, [...path]);
  return node === undefined ? undefined : getNodeValue(node);
};

/** The schemas that apply at a path of a text of schema `whole`; within a step only that of its kind, if it names one. */
export function schemasAt(tree: Node | undefined, path: LensPath, whole: Schema): readonly Schema[] {
  let found: readonly Schema[] = [whole];
  for (const [depth, part] of path.entries()) {
    const here = tree === undefined ? undefined : valueAt(tree, path.slice(0, depth));
    found = found
      .flatMap((schema) => fitting(choicesOf(schema), here))
      .flatMap((schema) => inside(schema, part));
  }
  return fitting(found.flatMap(choicesOf), tree === undefined ? undefined : valueAt(tree, path));
}

export const choicesOf = (schema: Schema): readonly Schema[] => schema.anyOf?.flatMap(choicesOf) ?? [schema];

/** Of alternatives that a word discriminates, as with steps: the one that is named, else all. */
function fitting(choices: readonly Schema[], value: unknown): readonly Schema[] {
  if (value === null || typeof value !== 'object') return choices;
  const named = choices.filter(({ properties = {} }) =>
    Object.entries(properties).some(
      ([key, { const: word }]) => word !== undefined && (value as Record<string, unknown>)[key] === word,
    ),
  );
  return named.length === 0 ? choices : named;
}

function inside({ properties, items }: Schema, part: string | number): readonly Schema[] {
  if (typeof part === 'number') return items === undefined ? [] : [items];
  const found = properties !== undefined && Object.hasOwn(properties, part) ? properties[part] : undefined;
  return found === undefined ? [] : [found];
}
