/** Which color each channel of an input is, where the means that a graph subtracts are ImageNet's or Caffe's. */

/**
 * Red, green and blue, of values 0..1. torchvision's; CLIP's are within the tolerance, Caffe's are (123.68,
 * 116.779, 103.939) of 255.
 */
const IMAGENET = [0.485, 0.456, 0.406] as const;

/** Half of the distance between two colors is 0.015. */
const TOLERANCE = 0.012;

/** @param mean by channel, in the units of the input @returns null where the means are others */
export function colorOrder(mean: readonly number[]): 'RGB' | 'BGR' | null {
  const unit = Math.max(...mean) > 1 ? mean.map((value) => value / 255) : mean;
  const fits = (expected: readonly number[]): boolean =>
    unit.length === 3 && unit.every((value, c) => Math.abs(value - (expected[c] ?? NaN)) < TOLERANCE);
  return fits(IMAGENET) ? 'RGB' : fits(IMAGENET.toReversed()) ? 'BGR' : null;
}
