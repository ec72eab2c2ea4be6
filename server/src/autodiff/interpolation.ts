/**
 * Resize along one axis as a matrix: row o holds the weights with which output o mixes the inputs (ONNX, Resize), in the float32
 * arithmetic of onnxruntime (upsamplebase.h, 1.30). Rounding decides which pixel is nearest where coordinates fall on borders.
 */

const f = Math.fround;

export interface Interpolation {
  readonly mode: string;
  readonly coordinates: string;
  readonly nearest: string;
  readonly cubicCoefficient: number;
  readonly excludeOutside: boolean;
  /** The kernel grows with what an output covers where the axis shrinks. */
  readonly antialias: boolean;
}

/** One axis of a resize. */
export interface ResizedAxis {
  readonly input: number;
  readonly output: number;
  /** As the node gives it, or output / input where it gives sizes; float32. */
  readonly scale: number;
  /** Start and end of the region of interest, as shares of the axis; for `tf_crop_and_resize` only. */
  readonly region: readonly [start: number, end: number];
}

/** Input coordinate of output `o`. */
function coordinate(kind: string, o: number, axis: ResizedAxis): number | undefined {
  const { input, output, scale } = axis;
  const center = f(f(o + 0.5) / scale);
  switch (kind) {
    case 'half_pixel':
      return f(center - 0.5);
    case 'half_pixel_symmetric': {
      const adjustment = f(output / f(scale * input));
      const offset = f(f(input / 2) * f(1 - adjustment));
      // The runtime's literals are doubles here.
      return f(offset + (o + 0.5) / scale - 0.5);
    }
    case 'pytorch_half_pixel':
      return output > 1 ? f(center - 0.5) : 0;
    case 'tf_half_pixel_for_nn':
      return center;
    case 'align_corners':
      return output === 1 ? 0 : f(f(o * (input - 1)) / (output - 1));
    case 'asymmetric':
      return f(o / scale);
    case 'tf_crop_and_resize':
      return cropCoordinate(o, axis);
    default:
      return undefined;
  }
}

function cropCoordinate(o: number, { input, output, region: [start, end] }: ResizedAxis): number {
  if (output === 1) return f(0.5 * f(f(start + end) * (input - 1)));
  const moved = f(f(f(o * f(end - start)) * (input - 1)) / (output - 1));
  return f(f(start * (input - 1)) + moved);
}

function nearestIndex(kind: string, x: number): number | undefined {
  switch (kind) {
    case 'round_prefer_floor':
      return isHalf(x) ? Math.floor(x) : Math.round(x);
    case 'round_prefer_ceil':
      return isHalf(x) ? Math.floor(x) + 1 : Math.round(x);
    case 'floor':
      return Math.floor(x);
    case 'ceil':
      return Math.ceil(x);
    default:
      return undefined;
  }
}

/** Within 1e-6 of a half, as measured with onnxruntime 1.30: earlier versions compared exactly. */
const isHalf = (x: number): boolean => Math.abs(x - Math.floor(x) - 0.5) < 1e-6;

/** Keys' cubic kernel with parameter a, at distance d. */
function cubic(d: number, a: number): number {
  if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
}

/** At the four neighbors of a point with fraction t. */
const cubicWeights = (t: number, a: number): readonly number[] =>
  [1 + t, t, 1 - t, 2 - t].map((d) => cubic(d, a));

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

/** Neighbors as far as the kernel reaches, before their weights are divided by their sum (onnxruntime, `upsample_antialias.h`). */
function wideTaps(
  how: Interpolation,
  x: number,
  scale: number,
): readonly (readonly [number, number])[] | undefined {
  const reach = { linear: 1, cubic: 2 }[how.mode];
  if (reach === undefined) return taps(how, x);
  const stretch = Math.max(1 / scale, 1);
  const [first, end] = [-1, 1].map((side) => Math.floor(x + 1 + side * reach * stretch)) as [number, number];
  const found = Array.from({ length: end - first }, (_, k) => {
    const d = Math.abs(first + k - x) / stretch;
    return [first + k, how.mode === 'linear' ? Math.max(1 - d, 0) : cubic(d, how.cubicCoefficient)] as const;
  });
  const sum = found.reduce((total, [, weight]) => total + weight, 0);
  return found.map(([i, weight]) => [i, weight / sum] as const);
}

/** The (output, input) matrix in C order, or undefined for a mode this file does not know. */
export function interpolationMatrix(how: Interpolation, axis: ResizedAxis): Float32Array | undefined {
  const { input, output } = axis;
  const crops = how.coordinates === 'tf_crop_and_resize';
  const matrix = new Float32Array(output * input);
  for (let o = 0; o < output; o++) {
    const x = coordinate(how.coordinates, o, axis);
    let weights = x === undefined ? undefined : how.antialias ? wideTaps(how, x, axis.scale) : taps(how, x);
    if (x === undefined || weights === undefined) return undefined;
    // Outside of the picture a crop has a constant value.
    if (crops && (x < 0 || x > input - 1)) continue;
    if (how.excludeOutside && (how.mode === 'cubic' || how.antialias)) {
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
