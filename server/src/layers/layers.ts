/** The layers of an ONNX graph: those that are shown by default, and all that patterns choose from. */
import type { Node } from '../onnx/model';

import type { ReportedLayer } from '../architectures/layers';
import type { NamedLayer } from './by-module';
import { everyModule, modulesToShow, MOST } from './by-module';
import { everyOperator, operatorsToShow, spread } from './by-operator';
import { moduleTree } from './tree';
import type { GraphToRead } from './usable';
import { usableTensors } from './usable';

/**
 * The most layers that are reported, however many are requested: more than any network in use has (DenseNet-201 has 311), and each takes some
 * twenty nodes of the explain graph and four pictures.
 */
export const MOST_LAYERS = 512;

export interface GraphLayers {
  readonly shown: readonly ReportedLayer[];
  /** In graph order; those that are shown among them, under the same names. */
  readonly all: readonly ReportedLayer[];
}

export function layersOf(read: GraphToRead): GraphLayers {
  const usable = usableTensors(read);
  const tree = moduleTree(read.graph, read.between);
  const modules = tree === null ? [] : spread(modulesToShow(tree, read, usable), MOST);
  if (tree !== null && !areLost(modules, read))
    return { shown: modules.map(reported), all: merged(modules, everyModule(tree, usable)) };
  const shown = united(modules, operatorsToShow(read, usable));
  return { shown: shown.map(reported), all: merged(shown, everyOperator(usable)) };
}

/** Fewer show nothing about a network. */
const TOO_FEW = 4;

/**
 * An optimizer has put modules' outputs into operators that belong to no module, or has made up names that
 * give modules without a layer.
 */
const areLost = (modules: readonly NamedLayer[], { between }: GraphToRead): boolean =>
  modules.length === 0 ||
  (modules.length < TOO_FEW && [...between].some(({ within }) => within !== undefined));

/** Both, each tensor under the name it has first. */
function united(first: readonly NamedLayer[], others: readonly NamedLayer[]): readonly NamedLayer[] {
  const known = new Set(first.map(({ tensor }) => tensor));
  return [...first, ...others.filter(({ tensor }) => !known.has(tensor))].sort((a, b) => a.order - b.order);
}

/** Each tensor once for each of its names. */
function merged(shown: readonly NamedLayer[], every: readonly NamedLayer[]): readonly ReportedLayer[] {
  const names = new Set(every.map(({ name }) => name));
  return [...every, ...shown.filter(({ name }) => !names.has(name))]
    .sort((a, b) => a.order - b.order)
    .map(reported);
}

const reported = ({ name, tensor, shape, form, node }: NamedLayer): ReportedLayer => ({
  ...{ name, tensor, shape, form },
  ...(sourceOf(node) === null ? {} : { source: sourceOf(node) ?? '' }),
});

/** `model.py:27`, the user's line that a layer comes from. */
const sourceOf = ({ origin }: Node): string | null => origin?.source ?? null;
