/**
 * What can be written at a position in a lens: keys and words of the schema, layers and classes of its model,
 * files below its folder.
 */
import { getLocation, type Node } from 'jsonc-parser';
import { CompletionItemKind, type CompletionItem, type Range } from 'vscode-languageserver';
import type { LensModel, LensPath } from '../../../../protocol/lens-check';
import { ClassNames } from '../../../../protocol/target';
import { checkFileSchema } from '../../lens/expect-schema';
import { describeSchema } from '../../lens/describe-schema';
import type { Schema } from '../../lens/json-schema';
import { lensSchema } from '../../lens/schema';
import type { TextDocument } from '../text-document';
import { treeOf } from '../../lens/text-tree';
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
  const tree = treeOf(text);
  const { path, isAtPropertyKey, previousNode } = getLocation(text, offset);
  const inside = previousNode !== undefined && previousNode.offset <= offset && endOf(previousNode) >= offset;
  const range = inside
    ? document.rangeOf(previousNode.offset, previousNode.length)
    : document.rangeOf(wordStart(text, offset), offset - wordStart(text, offset));
  if (isAtPropertyKey)
    return keys(
      schemasAt(tree, path.slice(0, -1), schema),
      valueIn(tree, path.slice(0, -1)),
      text,
      range,
      inside,
    );
  const typed = inside && previousNode.type === 'string' ? text.slice(previousNode.offset + 1, offset) : '';
  const names = around === null ? [] : await named(path, typed, around, range);
  return [...names, ...words(schemasAt(tree, path, schema), range)];
}

const endOf = ({ offset, length }: Node): number => offset + length;

/** A word without quotes that is being typed. */
function wordStart(text: string, offset: number): number {
  let start = offset;
  while (start > 0 && /[\w"$.*/-]/.test(text[start - 1] ?? '')) start--;
  return start;
}

const markdown = (value: string) => ({ kind: 'markdown', value }) as const;

const valueIn = (tree: Node | undefined, path: LensPath): unknown =>
  tree === undefined ? undefined : valueAt(tree, path);

function keys(
  schemas: readonly Schema[],
  value: unknown,
  text: string,
  range: Range,
  replacing: boolean,
): readonly CompletionItem[] {
  const present = value !== null && typeof value === 'object' ? Object.keys(value) : [];
  const known = new Map<string, Schema & { readonly needed: boolean }>();
  for (const { properties = {}, required = [] } of schemas)
    for (const [name, schema] of Object.entries(properties))
      if (!known.has(name)) known.set(name, { ...schema, needed: required.includes(name) });
  // Where a key is replaced, its value is already there.
  const hasValue = replacing && /^\s*:/.test(text.slice(after(text, range)));
  return [...known]
    .filter(([name]) => !present.includes(name) || replacing)
    .map(([name, { needed, ...schema }]) => ({
      ...{ label: name, kind: CompletionItemKind.Property, filterText: JSON.stringify(name) },
      ...{ detail: describeSchema(schema), sortText: `${needed ? 0 : 1}${name}` },
      ...(schema.description === undefined ? {} : { documentation: markdown(schema.description) }),
      textEdit: { range, newText: `${JSON.stringify(name)}${hasValue ? '' : `: ${beginning(schema)}`}` },
    }));
}

const after = (text: string, { end }: Range): number => {
  const lines = text.split(/(?<=\r\n|\n|\r(?!\n))/);
  return lines.slice(0, end.line).reduce((sum, line) => sum + line.length, 0) + end.character;
};

/** What a new key's value begins with. */
function beginning(schema: Schema): string {
  if (schema.default !== undefined) return JSON.stringify(schema.default);
  const [first] = schema.anyOf ?? [];
  if (first !== undefined) return beginning(first);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  switch (schema.type) {
    case 'object':
      return '{}';
    case 'array':
      return '[]';
    case 'boolean':
      return 'true';
    case 'string':
      return '""';
    default:
      return schema.enum === undefined ? '' : JSON.stringify(schema.enum[0]);
  }
}

/** Words of the schema; whole steps where a step is expected. */
function words(schemas: readonly Schema[], range: Range): readonly CompletionItem[] {
  const items = schemas.flatMap((schema): CompletionItem[] => {
    const step = schema.properties?.['step']?.const;
    if (step !== undefined) return [stepItem(String(step), schema, range)];
    const all = schema.const === undefined ? (schema.enum ?? []) : [schema.const];
    const booleans = schema.type === 'boolean' ? [true, false] : [];
    return [...all, ...booleans].map((value) => ({
      ...{ label: String(value), kind: CompletionItemKind.EnumMember },
      ...(schema.description === undefined ? {} : { documentation: markdown(schema.description) }),
      ...{ filterText: JSON.stringify(value), textEdit: { range, newText: JSON.stringify(value) } },
    }));
  });
  return [...new Map(items.map((item) => [item.label, item])).values()];
}

const stepItem = (step: string, schema: Schema, range: Range): CompletionItem => {
  const needed = (schema.required ?? []).filter((key) => key !== 'step');
  const given = needed.map((key) => `, ${JSON.stringify(key)}: ${beginning(schema.properties?.[key] ?? {})}`);
  return {
    ...{ label: step, kind: CompletionItemKind.Struct, detail: schema.title ?? step },
    ...(schema.description === undefined ? {} : { documentation: markdown(schema.description) }),
    filterText: JSON.stringify(step),
    textEdit: { range, newText: `{ "step": ${JSON.stringify(step)}${given.join('')} }` },
  };
};

/** Names that the schema cannot know. */
async function named(
  path: LensPath,
  typed: string,
  { model, filesIn }: Surroundings,
  range: Range,
): Promise<readonly CompletionItem[]> {
  const [key, index] = path;
  const text = (label: string, kind: CompletionItemKind, detail?: string): CompletionItem => ({
    ...{
      label,
      kind,
      filterText: JSON.stringify(label),
      textEdit: { range, newText: JSON.stringify(label) },
    },
    ...(detail === undefined ? {} : { detail }),
  });
  if (key === 'layers' && typeof index === 'number')
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
