/** Hovering over a key or value of a lens: its meaning from the schema, and what the model says about it. */
import type { Node } from 'jsonc-parser';
import type { Hover } from 'vscode-languageserver';
import { LENS_ORIGIN_TITLES, lensValueText } from '../../../../protocol/lens-words';
import type { LensLayer, LensModel, LensPath } from '../../../../protocol/lens-check';
import type { LensKey, LensValueReport } from '../../../../protocol/lens';
import { ClassNames } from '../../../../protocol/target';
import { checkFileSchema } from '../../lens/expect-schema';
import type { Schema } from '../../lens/json-schema';
import { describeSchema } from '../../lens/describe-schema';
import { lensSchema } from '../../lens/schema';
import { layersFitting } from '../../layers/patterns';
import { code, escaped } from '../markdown';
import type { TextDocument } from '../text-document';
import { treeOf } from '../../lens/text-tree';
import { schemasAt, tokenAt, valueAt } from './lens-text';

export const hoverLens = (document: TextDocument, offset: number, model: LensModel | null): Hover | null =>
  hover(document, offset, lensSchema(), model);

/** Of a test file: the meaning of its keys. */
export const hoverCheck = (document: TextDocument, offset: number): Hover | null =>
  hover(document, offset, checkFileSchema, null);

function hover(
  document: TextDocument,
  offset: number,
  schema: Schema,
  model: LensModel | null,
): Hover | null {
  const tree = treeOf(document.text);
  const token = tree === undefined ? null : tokenAt(tree, offset);
  if (tree === undefined || token === null || token.path.length === 0) return null;
  const { node, path } = token;
  const parts = [
    ...meaning(tree, path, schema),
    ...(model === null ? [] : ofModel(path, valueAt(tree, path), model)),
  ];
  if (parts.length === 0) return null;
  return {
    contents: { kind: 'markdown', value: parts.join('\n\n') },
    range: document.rangeOf(node.offset, node.length),
  };
}

function meaning(tree: Node, path: LensPath, schema: Schema): readonly string[] {
  const own = schemasAt(tree, path, schema);
  // A word that is the only one its key allows, such as the name of a step: the help of what it names says more.
  if (own.length === 1 && own[0]?.const !== undefined)
    return [own, schemasAt(tree, path.slice(0, -1), schema)]
      .flatMap((schemas) => schemas.map(({ description }) => description))
      .filter((text) => text !== undefined);
  return meaningOf(own);
}

function meaningOf(schemas: readonly Schema[]): readonly string[] {
  const described = [
    ...new Set(schemas.map(({ description }) => description).filter((text) => text !== undefined)),
  ];
  const standard = schemas.find((schema) => schema.default !== undefined)?.default;
  const form = [...new Set(schemas.map(describeSchema))].join(', or ');
  const last = [
    form === '' ? '' : `Expected: ${form}.`,
    standard === undefined ? '' : `If left out: ${code(JSON.stringify(standard))}.`,
  ].filter((text) => text !== '');
  return [...described, ...(last.length === 0 ? [] : [last.join(' ')])];
}

/** Layers that are named for a pattern. */
const SHOWN_LAYERS = 8;

function ofModel(path: LensPath, value: unknown, model: LensModel): readonly string[] {
  const [key, inner] = path;
  if (key === 'layers' && typeof inner === 'number' && typeof value === 'string')
    return layersOf(value, model);
  if (key === 'target' && typeof value === 'string') {
    const named = new ClassNames(model.labels).named(value);
    return named.map(
      (index) => `Class ${index} of ${model.classes}${named.length > 1 ? ', which share this name' : ''}.`,
    );
  }
  if (key === 'model') return wholeModel(model);
  const name = (typeof inner === 'string' ? `${key}.${inner}` : key) as LensKey;
  const found = model.lens.values.find((each) => each.key === name);
  // What this text itself says is already under the pointer.
  return found === undefined || found.origin === 'lens' ? [] : [describeValue(found)];
}

function layersOf(pattern: string, model: LensModel): readonly string[] {
  const known = model.layers.map((layer) => ({ ...layer, tensor: layer.name }));
  let fitting: readonly LensLayer[];
  try {
    fitting = layersFitting(known, [pattern], model.name) as unknown as readonly LensLayer[];
  } catch {
    return []; // shown as a problem instead
  }
  const rows = fitting.slice(0, SHOWN_LAYERS).map(layerLine);
  const more = fitting.length - rows.length;
  const count = `${fitting.length} of ${model.layers.length} layers of ${escaped(model.name)}:`;
  return [[count, ...rows, ...(more > 0 ? [`- and ${more} more`] : [])].join('\n')];
}

const layerLine = ({ name, shape, operator, parameters, source }: LensLayer): string =>
  [
    `- ${code(name)}: ${shape.join(' x ')}, ${escaped(operator)}`,
    parameters === null ? '' : `, ${parameters.toLocaleString('en-US')} parameters`,
    source === undefined ? '' : `, ${code(source)}`,
  ].join('');

/** How it would be fed, with the origin of each value that this lens leaves open. */
const wholeModel = ({ name, shape, classes, layers, lens }: LensModel): readonly string[] => [
  `${escaped(name)}: input ${shape.join(' x ')}, ${classes} classes, ${layers.length} layers.`,
  lens.values.map((value) => `- ${code(value.key)}: ${describeValue(value)}`).join('\n'),
];

const LONGEST = 120;

function describeValue({ key, value, origin, detail, others = [] }: LensValueReport): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : lensValueText({ key, value });
  const shown = code(text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);
  const or = others.length === 0 ? '' : ` Or: ${escaped(others.join('; '))}.`;
  const from = origin === 'default' ? '' : `: ${escaped(detail)}`;
  return `${shown} (${escaped(LENS_ORIGIN_TITLES[origin])}${from}).${or}`;
}
