/** `inference-lens layers`: the layers of a model as a tree, with their shapes, and which of them a report shows. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { LensError } from '../errors';
import { layersFitting, patternsIn } from '../layers/patterns';
import type { ListedLayer } from '../pipeline/network/list-layers';
import { listLayers } from '../pipeline/network/list-layers';
import { oneLine, printableJson } from '../printable';
import { ModelStore } from '../store/store';
import { DONE } from './exit-codes';
import { parseCommand } from './options';

export async function runLayers(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseCommand(args, {
    json: { type: 'boolean', default: false },
    layers: { type: 'string' },
  });
  const [subject, ...rest] = positionals;
  if (subject === undefined || rest.length > 0)
    throw new LensError('usage', `layers expects one model; found "${positionals.join(' ')}".`, {
      fix: 'For example: inference-lens layers model.onnx',
    });
  const path = await pathOf(subject);
  const all = await listLayers(path);
  const fitting =
    values.layers === undefined ? null : new Set(layersFitting(all, patternsIn(values.layers), path));
  const layers = all.map((layer) => (fitting === null ? layer : { ...layer, shown: fitting.has(layer) }));
  if (values.json) for (const layer of layers) sayJson(described(layer));
  else for (const line of tree(layers)) process.stdout.write(`${oneLine(line)}\n`);
  return DONE;
}

async function pathOf(subject: string): Promise<string> {
  if (existsSync(subject)) return resolve(subject);
  const store = new ModelStore();
  const stored = await store.find(subject);
  if (stored !== null) return store.pathOf(stored);
  throw new LensError(
    'model',
    `There is no file ${resolve(subject)} and no model "${subject}" in the store.`,
    {
      remedies: ['import-file'],
    },
  );
}

const described = ({ name, shape, operator, shown, form, source }: ListedLayer): object => ({
  ...{ name, shape, operator, shown },
  ...(form === undefined ? {} : { form }),
  ...(source === undefined ? {} : { source }),
});

/** A line per layer: modules before their contents, a star if a report shows it. */
function tree(layers: readonly ListedLayer[]): readonly string[] {
  const rows = layers.map((layer) => ({
    ...layer,
    indented: '  '.repeat(depthOf(layer.name, layers)) + layer.name,
  }));
  const width = Math.max(...rows.map(({ indented }) => indented.length));
  const shown = layers.filter((layer) => layer.shown).length;
  return [
    ...rows.map(({ indented, shown: star, shape, operator, form, source = '' }) =>
      [
        star ? '*' : ' ',
        indented.padEnd(width),
        shape.join('x').padEnd(16),
        operator.padEnd(18),
        gridOf(form),
        source,
      ]
        .join(' ')
        .trimEnd(),
    ),
    `${shown} of ${layers.length} layers (*) are shown; --layers chooses others, such as --layers "all"`,
  ];
}

const depthOf = (name: string, layers: readonly ListedLayer[]): number =>
  layers.filter((other) => name.startsWith(`${other.name}.`)).length;

const gridOf = (form: ListedLayer['form']): string => {
  if (form?.kind !== 'map' || form.axes === undefined) return '';
  const { height, width, skipped = 0 } = form;
  return `${height}x${width} ${form.axes === 'NHWC' ? 'channels last' : `tokens${skipped === 0 ? '' : `, ${skipped} before them left out`}`}`;
};

const sayJson = (value: unknown): void => void process.stdout.write(`${printableJson(value)}\n`);
