/** Counts NaN and infinities, layer by layer; run only where the statistics allow for any. */
import type { LayerResult } from '../../explain/decode';
import type { Tensor } from '../../runtime/session';
import type { NonFinite } from '../reporting/layers';
import type { MemoryLimit } from './memory-limit';
import type { Network } from './weights';

/**
 * @returns counts of the layers that have any
 * @throws LensError of kind `model` if the forward pass alone, with what it keeps, is above the limit
 */
export async function countNonFinite(
  layers: readonly LayerResult[],
  image: Tensor,
  load: () => Promise<Network>,
  limit: MemoryLimit,
): Promise<ReadonlyMap<string, NonFinite>> {
  const suspicious = new Set(layers.filter(({ statistics }) => !statistics.finite).map(({ name }) => name));
  const counts = new Map<string, NonFinite>();
  if (suspicious.size === 0) return counts;
  const { forward } = await import('./forward');
  for (const [name, values] of await forward(await load(), suspicious, image, limit)) {
    const found = count(values);
    if (found.nan + found.inf > 0) counts.set(name, found);
  }
  return counts;
}

function count(values: Float32Array): NonFinite {
  let nan = 0;
  let inf = 0;
  for (const value of values) {
    if (Number.isNaN(value)) nan += 1;
    else if (!Number.isFinite(value)) inf += 1;
  }
  return { nan, inf };
}
