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
 * The most layers that are reported, however many are asked for: more than any network in use has (DenseNet-201 has 311), and each takes some
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
  if (tree === null)
    return {
      shown: operatorsToShow(read, usable).map(reported),
      all: merged(operatorsToShow(read, usable), everyOperator(usable)),
    };
  const shown = spread(modulesToShow(tree, read, usable), MOST);
  return { shown: shown.map(reported), all: merged(shown, everyModule(tree, usable)) };
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
