/** Layers of a graph without names: where its pictures change their size, and its residual sums. */
import { isOwnName, madeFor } from '../onnx/own-names';
import { indexGraph } from '../onnx/graph-index';
import { activated } from './activated';
import type { NamedLayer } from './by-module';
import { FEWEST, MOST } from './by-module';
import { isResidualSum } from './sums';
import type { GraphToRead, Usable } from './usable';
import { isMap } from './usable';

/** Operators whose outputs people recognize as layers; they represent what is between them. */
const REPORTED: ReadonlySet<string> = new Set([
  ...['Conv', 'Add', 'Concat', 'MaxPool', 'AveragePool', 'GlobalAveragePool', 'ReduceMean', 'Gemm', 'MatMul'],
]);

/**
 * Named as the file names its tensors. An operator of the file that has been written out gives the last of each kind that it is made of,
 * such as the convolution of QLinearConv; what it adds within is not a layer.
 */
export function everyOperator(usable: ReadonlyMap<string, Usable>): readonly NamedLayer[] {
  const known = [...usable.values()].filter(
    ({ node, tensor }) => REPORTED.has(node.opType) && !(isOwnName(tensor) && node.opType === 'Add'),
  );
  const last = new Map(known.map(named).map((layer) => [layer.name, layer]));
  return [...last.values()].sort((a, b) => a.order - b.order);
}

/** A sum within an operator of the file, such as SkipLayerNormalization, is called after that, or after its output where it has no name. */
function named(layer: Usable): NamedLayer {
  const { tensor, node } = layer;
  const { within, opType } = node;
  if (!isOwnName(tensor)) return { ...layer, name: tensor };
  const name = within === undefined || within === '' ? madeFor(tensor) : within;
  return { ...layer, name: within === undefined ? name : `${name}.${opType}` };
}

/** All where they are few. */
export function operatorsToShow(
  { graph }: GraphToRead,
  usable: ReadonlyMap<string, Usable>,
): readonly NamedLayer[] {
  const all = everyOperator(usable);
  if (all.length <= FEWEST) return all;
  const index = indexGraph(graph);
  const chosen = new Set<Usable>();
  const take = (given: string): void => {
    const tensor = beforeLayout(given, usable);
    const layer = usable.get(activated(tensor, index)) ?? usable.get(tensor);
    if (layer !== undefined && isMap(layer)) chosen.add(layer);
  };
  for (const node of graph.nodes) {
    if (isResidualSum(node, usable)) take(node.outputs[0] ?? '');
    const [before, after] = [usable.get(node.inputs[0] ?? ''), usable.get(node.outputs[0] ?? '')];
    if (before !== undefined && after !== undefined && isMap(before) && sizeOf(before) !== sizeOf(after))
      take(before.tensor);
  }
  // The last of the convolutions, too, and all of them where that is still too few.
  const maps = all.filter(isMap);
  for (const layer of chosen.size < FEWEST ? maps : maps.slice(-1)) take(layer.tensor);
  const layers = [...chosen].sort((a, b) => a.order - b.order).map(named);
  return spread(layers, MOST);
}

/** What a change of layout has changed: it may be a copy for one of several readers, with a part of the gradient. */
function beforeLayout(tensor: string, usable: ReadonlyMap<string, Usable>): string {
  let at = tensor;
  for (let node = usable.get(at)?.node; node?.opType === 'Transpose'; node = usable.get(at)?.node) {
    const source = node.inputs[0] ?? '';
    if (!usable.has(source)) break;
    at = source;
  }
  return at;
}

const sizeOf = ({ form }: Usable): string => (form.kind === 'map' ? `${form.height}x${form.width}` : '');

/** At most this many, evenly spread, including the first and the last. */
export function spread<T>(all: readonly T[], most: number): readonly T[] {
  if (all.length <= most) return all;
  return Array.from({ length: most }, (_, i) => all[Math.round((i * (all.length - 1)) / (most - 1))] as T);
}
