/**
 * What can be written at a position in a lens: keys and words of the schema, layers and classes of its model,
 * files below its folder.
 */
import { findNodeAtLocation, type Node } from 'jsonc-parser';
import { CompletionItemKind, type CompletionItem, type Range, type TextEdit } from 'vscode-languageserver';
import type { LensModel, LensPath } from '../../../../protocol/lens-check';
import { ClassNames } from '../../../../protocol/target';
import { checkFileSchema } from '../../lens/expect-schema';
import { describeSchema } from '../../lens/describe-schema';
import type { Schema } from '../../lens/json-schema';
import { lensSchema } from '../../lens/schema';
import type { TextDocument } from '../text-document';
import { isTooLong, treeOf } from '../../lens/text-tree';
import { beginning } from './beginning';
import { cursorIn, type Cursor } from './cursor';
import { schemasAt, valueAt } from './lens-text';

/** What a lens can name beside the words of the schema. */
export interface Surroundings {
  /** Null where it is not known, or there is none. Awaited only for names of layers and classes. */
  readonly model: () => Promise<LensModel | null>;
  /** Files and folders of a folder below the lens's own, as `weights/best.onnx`; `weights/` for a folder. */
  readonly filesIn: (folder: string) => Promise<readonly string[]>;
}

/** Labels and layers offered; an editor filters as one types. */
const MOST_NAMES = 2000;

export const completeLens = (
  document: TextDocument,
  offset: number,
  around: Surroundings,
): Promise<readonly CompletionItem[]> => complete(document, offset, lensSchema(), around);

/** Of a test file: keys and words of its schema. */
export const completeCheck = (document: TextDocument, offset: number): Promise<readonly CompletionItem[]> =>
  complete(document, offset, checkFileSchema, null);

/** @param around null where nothing is named beside the words of the schema */
async function complete(
  document: TextDocument,
  offset: number,
  schema: Schema,
  around: Surroundings | null,
): Promise<readonly CompletionItem[]> {
  const { text } = document;
  const cursor = isTooLong(text) ? null : cursorIn(text, offset);
  if (cursor === null) return [];
  const { path, isKey, start, end, commaBefore, commaBehind, hasValue } = cursor;
  // A key without a colon would take what follows with it.
  const isLoose = isKey && !hasValue;
  const tree = treeOf(isLoose ? text.slice(0, start) + ' '.repeat(end - start) + text.slice(end) : text);
  const edit: Edit = { range: document.rangeOf(start, end - start), behind: commaBehind ? ',' : '' };
  const schemas = schemasAt(tree, path, schema);
  const typed = cursor.replaced === null ? '' : text.slice(start + 1, offset);
  const items = isKey
    ? keys(schemas, keysIn(tree, path), edit, cursor)
    : [...(around === null ? [] : await named(path, typed, around, edit)), ...words(schemas, edit)].filter(
        ({ textEdit }) => textEdit !== undefined && !isThere(tree, path, textEdit.newText, schema, cursor),
      );
  if (commaBefore === null) return items;
  const comma = { range: document.rangeOf(commaBefore, 0), newText: ',' };
  return items.map((item) => ({ ...item, additionalTextEdits: [comma] }));
}

/** Where a proposal goes, and the comma that it needs behind it. */
interface Edit {
  readonly range: Range;
  readonly behind: '' | ',';
}

/** Whether a list that takes each item once has it already. */
function isThere(
  tree: Node | undefined,
  path: LensPath,
  written: string,
  schema: Schema,
  { replaced }: Cursor,
): boolean {
  const list = path.slice(0, -1);
  if (typeof path.at(-1) !== 'number' || !schemasAt(tree, list, schema).some((each) => each.uniqueItems))
    return false;
  const items = valueIn(tree, list);
  return Array.isArray(items) && others(items, replaced).includes(JSON.parse(written.replace(/,$/, '')));
}

const markdown = (value: string) => ({ kind: 'markdown', value }) as const;

/** With those that are written twice. */
function keysIn(tree: Node | undefined, path: LensPath): readonly string[] {
  const node = tree === undefined ? undefined : findNodeAtLocation(tree, [...path]);
  const properties = node?.type === 'object' ? (node.children ?? []) : [];
  return properties.flatMap(({ children: [key] = [] }) => (key === undefined ? [] : [String(key.value)]));
}

const valueIn = (tree: Node | undefined, path: LensPath): unknown =>
  tree === undefined ? undefined : valueAt(tree, path);

/** What stands there beside the one that is replaced. */
function others<T>(all: readonly T[], replaced: T | null): readonly T[] {
  const at = replaced === null ? -1 : all.indexOf(replaced);
  return all.filter((_, i) => i !== at);
}

function keys(
  schemas: readonly Schema[],
  there: readonly string[],
  { range, behind }: Edit,
  { replaced, hasValue }: Cursor,
): readonly CompletionItem[] {
  const present = others(there, replaced);
  const known = new Map<string, Schema & { readonly needed: boolean }>();
  for (const { properties = {}, required = [] } of schemas)
    for (const [name, schema] of Object.entries(properties))
      if (!known.has(name)) known.set(name, { ...schema, needed: required.includes(name) });
  return [...known]
    .filter(([name]) => !present.includes(name))
    .map(([name, { needed, ...schema }]) => ({
      ...{ label: name, kind: CompletionItemKind.Property, filterText: JSON.stringify(name) },
      ...{ detail: describeSchema(schema), sortText: `${needed ? 0 : 1}${name}` },
      ...(schema.description === undefined ? {} : { documentation: markdown(schema.description) }),
      // Where a key is replaced, its value may be there already.
      textEdit: {
        range,
        newText: `${JSON.stringify(name)}${hasValue ? '' : `: ${beginning(schema)}${behind}`}`,
      },
    }));
}

/** Words of the schema; whole steps where a step is expected. */
function words(schemas: readonly Schema[], edit: Edit): readonly CompletionItem[] {
  const items = schemas.flatMap((schema): CompletionItem[] => {
    const step = schema.properties?.['step']?.const;
    if (step !== undefined) return [stepItem(schema, edit)];
    const all = schema.const === undefined ? (schema.enum ?? []) : [schema.const];
    const booleans = schema.type === 'boolean' ? [true, false] : [];
    return [...all, ...booleans].map((value) => ({
      ...{ label: String(value), kind: CompletionItemKind.EnumMember },
      ...(schema.description === undefined ? {} : { documentation: markdown(schema.description) }),
      ...{ filterText: JSON.stringify(value), textEdit: insert(edit, JSON.stringify(value)) },
    }));
  });
  return [...new Map(items.map((item) => [item.label, item])).values()];
}

const insert = ({ range, behind }: Edit, text: string): TextEdit => ({ range, newText: `${text}${behind}` });

const stepItem = (schema: Schema, edit: Edit): CompletionItem => {
  const step = String(schema.properties?.['step']?.const);
  return {
    ...{ label: step, kind: CompletionItemKind.Struct, detail: schema.title ?? step },
    ...(schema.description === undefined ? {} : { documentation: markdown(schema.description) }),
    ...{ filterText: JSON.stringify(step), textEdit: insert(edit, beginning(schema)) },
  };
};

/** Names that the schema cannot know. */
async function named(
  path: LensPath,
  typed: string,
  { model, filesIn }: Surroundings,
  edit: Edit,
): Promise<readonly CompletionItem[]> {
  const [key, index] = path;
  const text = (label: string, kind: CompletionItemKind, detail?: string): CompletionItem => ({
    ...{
      label,
      kind,
      filterText: JSON.stringify(label),
      textEdit: insert(edit, JSON.stringify(label)),
    },
    ...(detail === undefined ? {} : { detail }),
  });
  if (key === 'layers' && typeof index === 'number' && path.length === 2)
    return ((await model())?.layers ?? []).slice(0, MOST_NAMES).map(({ name, shape, operator }, i) => ({
      ...text(name, CompletionItemKind.Module, `${shape.join(' x ')} ${operator}`),
      sortText: String(i).padStart(6, '0'), // as the picture passes them
    }));
  if (key === 'target' && path.length === 1) {
    const names = new ClassNames((await model())?.labels ?? []);
    return [
      text('predicted', CompletionItemKind.EnumMember, 'whatever class is predicted'),
      ...names.labels.slice(0, MOST_NAMES).map((_, i) => ({
        ...text(names.targetOf(i), CompletionItemKind.EnumMember, `class ${i}`),
        label: names.titleOf(i),
      })),
    ];
  }
  if ((key === 'model' || key === 'labels') && path.length === 1) {
    const folder = typed.includes('/') ? typed.slice(0, typed.lastIndexOf('/') + 1) : '';
    const fits = key === 'model' ? MODEL_FILE : LABEL_FILE;
    return (await filesIn(folder))
      .filter((name) => name.endsWith('/') || fits.test(name))
      .map((name) => text(name, name.endsWith('/') ? CompletionItemKind.Folder : CompletionItemKind.File));
  }
  return [];
}

const MODEL_FILE = /\.(?:onnx|pth|pt|ckpt|tar|zip|bin|safetensors|tflite)$/i;
const LABEL_FILE = /\.(?:txt|csv|json|names)$/i;
