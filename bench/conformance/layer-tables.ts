/** Of networks that are measured as they are: every default layer, what it is read as, and how far its CAM is from PyTorch's, by both exporters. */
import type { ComparedLayer } from './maps';
import type { Outcome } from './measure';

const TITLE = '## Layer by layer';
const HEAD = /^### (\S+)$/;

const layersOf = (outcome: Outcome | undefined): readonly ComparedLayer[] =>
  outcome?.is === 'measured' ? outcome.measured.layers : [];

/** "2e-6"; empty where this exporter's file has no such layer. */
function distance(layer: ComparedLayer | undefined): string {
  if (layer === undefined) return '';
  const { difference, verdict, named } = layer;
  const value = difference === null ? '' : difference === 0 ? '0' : difference.toExponential(0);
  const remarks = [...(verdict === 'agrees' ? [] : [verdict]), ...(named ? [] : ['no module'])];
  return [value, ...remarks].join(', ');
}

export function layerTable(name: string, [first, second]: readonly (Outcome | undefined)[]): string {
  const [all, others] = [layersOf(first), layersOf(second)];
  const names = [...new Set([...all, ...others].map((layer) => layer.name))];
  const rows = names.map((layer) => {
    const found = [all, others].map((list) => list.find((each) => each.name === layer));
    const read = found.find((each) => each !== undefined)?.read ?? '';
    return `| ${[layer, read, ...found.map(distance)].join(' | ')} |`;
  });
  return [
    `### ${name}`,
    '',
    '| layer | read as | TorchScript | dynamo |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

/** @param before the page as it is: tables of networks that were not measured stay */
export function layerTables(tables: ReadonlyMap<string, string>, before: string): readonly string[] {
  const kept = new Map<string, string[]>();
  let own: string[] | undefined;
  for (const line of before.slice(before.indexOf(TITLE)).split('\n').slice(1)) {
    if (line.startsWith('## ')) break;
    const name = HEAD.exec(line)?.[1];
    if (name !== undefined) kept.set(name, (own = []));
    own?.push(line);
  }
  const all = new Map([...kept].map(([name, lines]) => [name, `${lines.join('\n').trimEnd()}\n`]));
  for (const [name, table] of tables) all.set(name, table);
  if (all.size === 0) return [];
  return [
    TITLE,
    '',
    'Vision Transformer, Swin and ConvNeXt as torchvision has them, with all their blocks, at 224 pixels: each default layer by the name of the module whose output it is, how its',
    'axes are read, and the distance of its CAM from autograd’s. `python test/reference/conformance/make_models.py /tmp/whole --whole`, then `npm run conformance architectures -- /tmp/whole --write` make them again.',
    'A 0 is a map of zeros in both: of ViT’s last block only the class token reaches the head.',
    '',
    ...[...all].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, table]) => table),
  ];
}
