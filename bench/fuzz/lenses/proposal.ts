/** Whether a proposal can be inserted where it was made, and is what the schema allows there. */
import {
  findNodeAtLocation,
  findNodeAtOffset,
  getNodePath,
  parseTree,
  type Node,
  type ParseError,
} from 'jsonc-parser';
import type { CompletionItem } from 'vscode-languageserver';
import { schemasAt } from '../../../server/src/language/lens/lens-text';
import type { TextDocument } from '../../../server/src/language/text-document';
import { lensSchema } from '../../../server/src/lens/schema';
import { treeOf } from '../../../server/src/lens/text-tree';
import { validate } from '../../../server/src/lens/validate';

/** What is wrong with it, for outcomes; null where nothing is. */
export function proposalFault(document: TextDocument, offset: number, item: CompletionItem): string | null {
  const { label, textEdit, additionalTextEdits: [comma] = [] } = item;
  const what = JSON.stringify(label);
  if (textEdit === undefined || !('range' in textEdit)) return `${what} changes nothing`;
  const { range, newText } = textEdit;
  const [start, end] = [document.offsetAt(range.start), document.offsetAt(range.end)];
  if (range.start.line !== range.end.line) return `${what} replaces several lines`;
  if (start > offset || end < offset) return `${what} replaces what is not at the cursor`;
  const { text } = document;
  const before = comma === undefined ? end : document.offsetAt(comma.range.start);
  const more = comma?.newText ?? '';
  const after =
    text.slice(0, Math.min(before, start)) +
    more +
    text.slice(Math.min(before, start), start) +
    newText +
    text.slice(end);
  const place = shown(text, start, end, newText);
  // Behind a text that was broken before, a parser may take what follows for something else.
  const behind = end + (/^\s*/.exec(text.slice(end))?.[0].length ?? 0);
  const errors = errorsOf(text);
  const until = errors.length === 0 ? Infinity : behind;
  const upTo = (all: readonly number[], most: number): number => all.filter((at) => at <= most).length;
  if (upTo(errorsOf(after), until + after.length - text.length) > upTo(errors, until))
    return `${what} breaks the syntax of ${place}`;
  const tree = treeOf(after);
  const node = tree === undefined ? undefined : findNodeAtOffset(tree, start + more.length);
  if (tree === undefined || node === undefined) return `${what} is nowhere in ${place}`;
  return placeFault(tree, node, newText.length, `${what} in ${place}`);
}

/** Problems of what was inserted, as the value around it finds them: an item that is there twice is one. */
function placeFault(tree: Node, node: Node, length: number, what: string): string | null {
  const path = getNodePath(node);
  const around = findNodeAtLocation(tree, path.slice(0, -1));
  if (path.length === 0 || around === undefined) return null;
  const inserted = (offset: number): boolean => offset >= node.offset && offset < node.offset + length;
  const schemas = schemasAt(tree, path.slice(0, -1), lensSchema());
  if (schemas.length === 0) return `${what}: no schema`;
  const problems = schemas.map((schema) => validate(around, schema).filter((each) => inserted(each.offset)));
  const [least] = problems.toSorted((a, b) => a.length - b.length);
  const [first] = least ?? [];
  return first === undefined
    ? null
    : `${what}: ${first.path}: expected ${first.expected}, found ${first.found}`;
}

/** Where they are. */
function errorsOf(text: string): readonly number[] {
  const errors: ParseError[] = [];
  parseTree(text.replace(/^\uFEFF/, ' '), errors, { allowTrailingComma: true });
  return errors.map(({ offset }) => offset);
}

const shown = (text: string, start: number, end: number, newText: string): string =>
  JSON.stringify(`${text.slice(Math.max(0, start - 30), start)}«${newText}»${text.slice(end, end + 30)}`);
