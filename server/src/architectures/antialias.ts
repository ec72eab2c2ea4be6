/** Pooling instead of striding, as timm's `aa_layer` does it: BlurPool2d (arXiv 1904.11486) or nn.AvgPool2d. */
import type { Feature, LineMap, NetworkBuilder } from './layers';

/** `blur` reflects the pixels at the border, `blur-zero` (timm's `blurpc`) takes zeros there. */
export type Antialias = 'blur' | 'blur-zero' | 'average';

/** One step of stride 2 without a convolution's own stride. */
export function antialiased(net: NetworkBuilder, x: Feature, kind: Antialias, as: string): Feature {
  if (kind === 'average') return net.averagePool(x, 2, as);
  const border = kind === 'blur' ? reflected : zero;
  return net.separable(x, blurMatrix(x.height, border), blurMatrix(x.width, border), as);
}

/** The index that the pixel `index` of a line is read from; null is zero. */
type Border = (index: number, length: number) => number | null;

/**
 * BlurPool2d of filter size 3 along one axis, row i holds (1/4, 1/2, 1/4) at 2i - 1, 2i, 2i + 1.
 * The two-dimensional filter is the product of two of these, exactly.
 */
function blurMatrix(length: number, border: Border): LineMap {
  const half = Math.floor((length - 1) / 2) + 1;
  const row = (index: number): Float64Array => {
    const weights = new Float64Array(length);
    [0.25, 0.5, 0.25].forEach((weight, tap) => {
      const at = border(2 * index - 1 + tap, length);
      if (at !== null) weights[at] = (weights[at] ?? 0) + weight;
    });
    return weights;
  };
  return { length: half, rows: () => Array.from({ length: half }, (_, index) => row(index)) };
}

/** Without repeating the border: -1 is 1, `length` is `length - 2`. */
const reflected: Border = (index, length) => {
  if (length === 1) return 0;
  const inside = Math.abs(index);
  return inside < length ? inside : 2 * (length - 1) - inside;
};

const zero: Border = (index, length) => (index < 0 || index >= length ? null : index);
