/** Caches what lenses are compared with, so that a lens is checked at each keystroke without loading its network. */
import { stat } from 'node:fs/promises';
import type { LensLayer } from '../../../../protocol/lens-check';
import type { Model } from '../../onnx/model';
import { elementCount, FLOATING } from '../../onnx/model';
import type { KnownNetwork } from '../choose-lens';
import type { LoadOptions, Network, Weights } from '../network/weights';

/** A loaded network without its weights. */
export interface InspectedNetwork extends KnownNetwork {
  readonly layers: readonly LensLayer[];
}

export class InspectedNetworks {
  /** The last one: a lens in an editor has one model. */
  private last: { readonly key: string; readonly network: InspectedNetwork } | null = null;

  /** @throws LensError of kind `model` */
  async of(weights: Weights, options: LoadOptions, signal?: AbortSignal): Promise<InspectedNetwork> {
    const key = JSON.stringify([weights.reference, await stateOf(weights), options]);
    if (this.last?.key === key) return this.last.network;
    const network = described(await weights.load({ ...options, values: false }, signal));
    this.last = { key, network };
    return network;
  }
}

/** Changes whenever the file does. Only shapes and names are needed, so its content need not be read. */
async function stateOf({ path }: Weights): Promise<readonly number[]> {
  if (path === null) return [];
  const { size, mtimeMs, ino } = await stat(path);
  return [size, mtimeMs, ino];
}

function described(network: Network): InspectedNetwork {
  const { layers, allLayers = layers, model } = network;
  const shown = new Set(layers.map(({ name }) => name));
  const operators = new Map(
    model.graph.nodes.flatMap(({ opType, outputs }) => outputs.map((name) => [name, opType])),
  );
  const parameters = parametersBelow(model);
  return {
    ...{ architecture: network.id, classes: Math.max(2, network.classes), logits: network.classes },
    ...{ inputShape: network.input.shape, proved: network.proved, metadata: network.metadata },
    layers: allLayers.map(({ name, shape, tensor, source }) => ({
      ...{ name, shape, operator: operators.get(tensor) ?? 'Input', shown: shown.has(name) },
      parameters: parameters.get(name) ?? null,
      ...(source === undefined ? {} : { source }),
    })),
  };
}

/** By module path: `features.0` for `features.0.weight`; empty for a graph without such names. */
function parametersBelow({ graph }: Model): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const [name, { dims, type }] of graph.initializers) {
    if (!FLOATING.has(type) || /\.running_(?:mean|var)$/.test(name)) continue;
    for (let end = name.lastIndexOf('.'); end > 0; end = name.lastIndexOf('.', end - 1)) {
      const module = name.slice(0, end);
      sums.set(module, (sums.get(module) ?? 0) + elementCount(dims));
    }
  }
  return sums;
}
