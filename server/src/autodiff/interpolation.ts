/** Resize along one axis as a matrix: row o holds the weights with which output o mixes the inputs (ONNX, Resize). */

export interface Interpolation {
  readonly mode: string;
  readonly coordinates: string;
  readonly nearest: string;
  readonly cubicCoefficient: number;
  readonly excludeOutside: boolean;
}

/** Input coordinate of output `o`; `scale` is the one the node gives, or output/input where it gives sizes. */
function coordinate(
  kind: string,
  o: number,
  scale: number,
  input: number,
  output: number,
): number | undefined {
  switch (kind) {
    case 'half_pixel':
      return (o + 0.5) / scale - 0.5;
    case 'half_pixel_symmetric': {
      const adjustment = output / (scale * input);
      return (input / 2) * (1 - adjustment) + (o + 0.5) / scale - 0.5;
    }
    case 'pytorch_half_pixel':
      return output > 1 ? (o + 0.5) / scale - 0.5 : 0;
    case 'align_corners':
      return output === 1 ? 0 : (o * (input - 1)) / (output - 1);
    case 'asymmetric':
      return o / scale;
    default:
      return undefined;
  }
}

function nearestIndex(kind: string, x: number): number | undefined {
  switch (kind) {
    case 'round_prefer_floor':
      return Math.ceil(x - 0.5);
    case 'round_prefer_ceil':
      return Math.floor(x + 0.5);
    case 'floor':
      return Math.floor(x);
    case 'ceil':
      return Math.ceil(x);
    default:
      return undefined;
  }
}

/** Keys' cubic kernel with parameter a, at the four neighbours of a point with fraction t. */
function cubicWeights(t: number, a: number): readonly number[] {
  const near = (d: number): number => ((a + 2) * d - (a + 3)) * d * d + 1;
  const far = (d: number): number => ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
  return [far(1 + t), near(t), near(1 - t), far(2 - t)];
}

/** Pairs of input index (before clamping) and weight. */
function taps(how: Interpolation, x: number): readonly (readonly [number, number])[] | undefined {
  const base = Math.floor(x);
  const t = x - base;
  switch (how.mode) {
    case 'nearest': {
      const index = nearestIndex(how.nearest, x);
      return index === undefined ? undefined : [[index, 1]];
    }
    case 'linear':
      return [
        [base, 1 - t],
        [base + 1, t],
      ];
    case 'cubic':
      return cubicWeights(t, how.cubicCoefficient).map((weight, i) => [base - 1 + i, weight] as const);
    default:
      return undefined;
  }
}

/** The (output, input) matrix in C order, or undefined for a mode this file does not know. */
export function interpolationMatrix(
  how: Interpolation,
  input: number,
  output: number,
  scale: number,
): Float32Array | undefined {
  const matrix = new Float32Array(output * input);
  for (let o = 0; o < output; o++) {
    const x = coordinate(how.coordinates, o, scale, input, output);
    let weights = x === undefined ? undefined : taps(how, x);
    if (weights === undefined) return undefined;
    if (how.excludeOutside) {
      const inside = weights.filter(([i]) => i >= 0 && i < input);
      const sum = inside.reduce((total, [, weight]) => total + weight, 0);
      weights = inside.map(([i, weight]) => [i, weight / sum] as const);
    }
    for (const [i, weight] of weights) {
      const at = o * input + Math.min(Math.max(i, 0), input - 1);
      matrix[at] = (matrix[at] ?? 0) + weight;
    }
  }
  return matrix;
}
