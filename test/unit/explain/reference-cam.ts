/** CAM methods and statistics of one layer, recomputed in double precision from its full activation and gradient. */
import type { CamMethod } from '../../../protocol/report';

export interface Plane {
  readonly channels: number;
  /** H * W; 1 for a vector. */
  readonly positions: number;
  readonly activation: Float32Array;
  readonly gradient: Float32Array;
}

const sum = (values: Iterable<number>): number => {
  let total = 0;
  for (const value of values) total += value;
  return total;
};

function channel(data: Float32Array, k: number, positions: number): Float64Array {
  return Float64Array.from(data.subarray(k * positions, (k + 1) * positions));
}

/** The terms T_k(p) whose sum over channels is the map: (C, P), one array a channel. */
function terms(method: CamMethod, { channels, positions, activation, gradient }: Plane): Float64Array[] {
  return Array.from({ length: channels }, (_, k) => {
    const A = channel(activation, k, positions);
    const g = channel(gradient, k, positions);
    const weighted = (w: number): Float64Array => A.map((a) => w * a);
    switch (method) {
      case 'gradcam':
        return weighted(sum(g) / positions);
      case 'gradcam++': {
        const total = sum(A);
        const alpha = g.map((v) => (v === 0 ? 0 : (v * v) / (2 * v * v + v * v * v * total + 1e-6)));
        return weighted(sum(alpha.map((a, p) => a * Math.max(g[p]!, 0))));
      }
      case 'xgradcam':
        return weighted(sum(g.map((v, p) => (v * A[p]!) / (sum(A) + 1e-7))));
      case 'hirescam':
        return A.map((a, p) => a * g[p]!);
      case 'layercam':
        return A.map((a, p) => a * Math.max(g[p]!, 0));
      case 'elementwise':
        return A.map((a, p) => Math.max(a * g[p]!, 0));
    }
  });
}

/** The map before ReLU: (P), or for a vector its C terms. */
export function referenceCam(method: CamMethod, plane: Plane, vector: boolean): Float64Array {
  const perChannel = terms(method, plane);
  if (vector) return Float64Array.from(perChannel, (t) => t[0]!);
  return Float64Array.from({ length: plane.positions }, (_, p) => sum(perChannel.map((t) => t[p]!)));
}

export function referenceStatistics({ activation: A }: Plane) {
  const mean = sum(A) / A.length;
  return {
    mean,
    std: Math.sqrt(sum(A.map((a) => (a - mean) ** 2)) / A.length),
    min: Math.min(...A),
    max: Math.max(...A),
    zeros: A.filter((a) => a === 0).length / A.length,
  };
}

export function referenceMean({ channels, positions, activation }: Plane, vector: boolean): Float64Array {
  if (vector) return Float64Array.from(activation);
  return Float64Array.from(
    { length: positions },
    (_, p) => sum(Array.from({ length: channels }, (__, k) => activation[k * positions + p]!)) / channels,
  );
}
