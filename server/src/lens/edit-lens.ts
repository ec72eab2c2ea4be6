/**
 * Edits of a lens's text that change one value: comments, trailing commas, indentation, line ends and the byte order mark stay as they are.
 * jsonc-parser's own edits reformat the neighbors, and drop comments beside what is removed.
 */
import { applyEdits, createScanner, findNodeAtLocation, type Edit, type Node } from 'jsonc-parser';
import type { LensPath } from '../../../protocol/lens-check';
import { treeOf } from './text-tree';

export type { Edit };

export const edited = (text: string, edits: readonly Edit[]): string => applyEdits(text, [...edits]);

/** @param first where the key is new: before the others, so that it does not come between the last value and its comment */
export function setValue(
  text: string,
  path: LensPath,
  value: unknown,
  { first = false }: { readonly first?: boolean } = {},
): readonly Edit[] {
  const tree = treeOf(text);
  const node = tree === undefined ? undefined : findNodeAtLocation(tree, [...path]);
  if (node !== undefined) return replaced(text, node, value);
  const [key, above] = [path.at(-1), path.slice(0, -1)];
  if (tree === undefined || key === undefined) return [];
  const parent = findNodeAtLocation(tree, above);
  if (parent === undefined) return setValue(text, above, { [key]: value }, { first });
  if (parent.type !== 'object') return [];
  const before = first ? undefined : parent.children?.at(-1);
  return insertedAfter(
    text,
    parent,
    before,
    (indent) => `${JSON.stringify(key)}: ${written(text, value, indent)}`,
  );
}

/** @param path of a list, and the index that the value gets there */
export function insertItem(text: string, path: LensPath, value: unknown): readonly Edit[] {
  const tree = treeOf(text);
  const [at, above] = [Number(path.at(-1)), path.slice(0, -1)];
  const list = tree === undefined ? undefined : findNodeAtLocation(tree, above);
  if (list?.type !== 'array') return [];
  const before = at > 0 ? (list.children?.[at - 1] ?? list.children?.at(-1)) : undefined;
  return insertedAfter(text, list, before, (indent) => written(text, value, indent));
}

/** Takes a key or an item out, with one comma. */
export function removeValue(text: string, path: LensPath): readonly Edit[] {
  const tree = treeOf(text);
  const value = tree === undefined ? undefined : findNodeAtLocation(tree, [...path]);
  const node = value?.parent?.type === 'property' ? value.parent : value;
  const container = node?.parent;
  if (node === undefined || container === undefined) return [];
  const children = container.children ?? [];
  const end = node.offset + node.length;
  const before = children[children.indexOf(node) - 1];
  const comma = commaAfter(text, end) ?? (before === undefined ? null : commaAfter(text, endOf(before)));
  if (comma === null) return [taken(text, node.offset, end)];
  // Nothing but space between them goes as one.
  if (comma >= end && text.slice(end, comma).trim() === '') return [taken(text, node.offset, comma + 1)];
  const parts = [{ offset: comma, length: 1, content: '' }, taken(text, node.offset, end)];
  return parts.toSorted((a, b) => a.offset - b.offset);
}

const endOf = ({ offset, length }: Node): number => offset + length;

/** Items of a list that stay are left alone, with what stands between them. */
function replaced(text: string, node: Node, value: unknown): readonly Edit[] {
  const items = node.type === 'array' ? (node.children ?? []) : [];
  if (Array.isArray(value) && value.length === items.length && items.length > 0)
    return items.flatMap((item, i) =>
      JSON.stringify(item.value) === JSON.stringify(value[i]) ? [] : replaced(text, item, value[i]),
    );
  return [
    { offset: node.offset, length: node.length, content: written(text, value, indentAt(text, node.offset)) },
  ];
}

/** @param before the entry after which it comes; undefined to become the first */
function insertedAfter(
  text: string,
  container: Node,
  before: Node | undefined,
  write: (indent: string) => string,
): readonly Edit[] {
  const children = container.children ?? [];
  const next = before === undefined ? children[0] : children[children.indexOf(before) + 1];
  const end = before === undefined ? container.offset + 1 : endOf(before);
  const comma = before === undefined ? null : commaAfter(text, end);
  const close = container.offset + container.length - 1;
  const oneLine = !/[\r\n]/.test(text.slice(container.offset, (children[0]?.offset ?? close) + 1));
  // What is said of the entry before, on its own line, stays beside it.
  const behind = behindComments(text, comma === null ? end : comma + 1);
  const at = before === undefined && oneLine ? end : behind.at;
  const missing = before !== undefined && comma === null ? [{ offset: end, length: 0, content: ',' }] : [];
  const own = indentAt(text, container.offset);
  // What follows a comment to the end of the line would be part of it.
  const breaks = !oneLine || (before !== undefined && behind.endsLine);
  const model = children.find(({ offset }) => startsLine(text, offset));
  const indent = !breaks ? own : model === undefined ? own + unitOf(text) : indentAt(text, model.offset);
  const trails = next !== undefined || comma !== null;
  const entry = `${write(indent)}${trails ? ',' : ''}`;
  if (breaks)
    return merged([...missing, { offset: at, length: 0, content: `${lineEnd(text)}${indent}${entry}` }]);
  const spaced = /\s/.test(text[at] ?? '');
  const content = before === undefined && !spaced ? `${entry}${next === undefined ? '' : ' '}` : ` ${entry}`;
  return merged([...missing, { offset: at, length: 0, content }]);
}

/** Two insertions at one place are one. */
function merged(edits: readonly Edit[]): readonly Edit[] {
  const [a, b] = edits;
  if (a === undefined || b === undefined || a.offset !== b.offset) return edits;
  return [{ offset: a.offset, length: 0, content: a.content + b.content }];
}

/** The scanner's `SyntaxKind`, an enum that only its own compilation can read by name. */
const TOKENS = { comma: 5, lineComment: 12, blockComment: 13, lineBreak: 14, space: 15 } as const;
const TRIVIA: ReadonlySet<number> = new Set([
  TOKENS.lineComment,
  TOKENS.blockComment,
  TOKENS.lineBreak,
  TOKENS.space,
]);

/** Offset of the comma that follows, past comments; null where another token follows. */
function commaAfter(text: string, from: number): number | null {
  const scanner = createScanner(text);
  scanner.setPosition(from);
  let token: number = scanner.scan();
  while (TRIVIA.has(token)) token = scanner.scan();
  return token === TOKENS.comma ? scanner.getTokenOffset() : null;
}

/** Behind the comments that stand on the same line; `from` where there are none. A comment with // ends its line. */
function behindComments(text: string, from: number): { readonly at: number; readonly endsLine: boolean } {
  const scanner = createScanner(text);
  scanner.setPosition(from);
  let behind = { at: from, endsLine: false };
  for (
    let token: number = scanner.scan();
    TRIVIA.has(token) && token !== TOKENS.lineBreak;
    token = scanner.scan()
  )
    if (token !== TOKENS.space)
      behind = {
        at: scanner.getTokenOffset() + scanner.getTokenLength(),
        endsLine: token === TOKENS.lineComment,
      };
  return behind;
}

/** What was taken out leaves no empty line and no double space. */
function taken(text: string, from: number, to: number): Edit {
  const start = lineStart(text, from);
  const isFirst = text.slice(start, from).trim() === '';
  const [rest = ''] = /^[ \t]*(?:\r\n|\r|\n)?/.exec(text.slice(to)) ?? [];
  if (isFirst && /[\r\n]$/.test(rest))
    return { offset: start, length: to + rest.length - start, content: '' };
  const space = /^[ \t]*/.exec(text.slice(to))?.[0].length ?? 0;
  const isLast = /[\r\n\]}]/.test(text[to + space] ?? '\n');
  const left = isLast && !isFirst ? (/[ \t]*$/.exec(text.slice(0, from))?.[0].length ?? 0) : 0;
  const right = isLast ? 0 : space;
  return { offset: from - left, length: to + right - from + left, content: '' };
}

const lineStart = (text: string, offset: number): number =>
  Math.max(text.lastIndexOf('\n', offset - 1), text.lastIndexOf('\r', offset - 1)) + 1;

const startsLine = (text: string, offset: number): boolean =>
  text
    .slice(lineStart(text, offset), offset)
    .replace(/^\uFEFF/, '')
    .trim() === '';

const indentAt = (text: string, offset: number): string =>
  /^[ \t]*/.exec(text.slice(lineStart(text, offset)).replace(/^\uFEFF/, ''))?.[0] ?? '';

/** One level: as the first line that is indented. */
const unitOf = (text: string): string =>
  /^(\t|[ ]+)(?=\S)/m.exec(text.replace(/\/\*.*?\*\//gs, ''))?.[1] ?? '  ';

const lineEnd = (text: string): string => /\r\n|\r|\n/.exec(text)?.[0] ?? '\n';

/** Longer lists have a line for each item. */
const LONGEST = 100;

function written(text: string, value: unknown, indent: string): string {
  const short = spaced(value);
  if (!Array.isArray(value) || indent.length + short.length <= LONGEST) return short;
  const end = lineEnd(text);
  const inner = indent + unitOf(text);
  return `[${value.map((item) => `${end}${inner}${spaced(item)}`).join(',')}${end}${indent}]`;
}

/** On one line, with the spaces that people write. */
function spaced(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spaced).join(', ')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  return `{ ${entries.map(([key, each]) => `${JSON.stringify(key)}: ${spaced(each)}`).join(', ')} }`;
}
