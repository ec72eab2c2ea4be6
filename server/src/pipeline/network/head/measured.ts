/** Whether outputs are probabilities, if the graph does not say so: measured on seeded inputs. */
import { uniform, normal } from './samples';

/** Inputs that all have to agree. */
export const INPUTS = 16;

/** How far a sum of float32 probabilities may be from 1, and a probability outside 0..1. */
const TOLERANCE = 1e-5;

/**
 * A picture-like input, normalized: noise of a few pixels and of one, of its own strength and brightness.
 * @param shape (1, C, H, W)
 */
export function seededInput(index: number, shape: readonly number[]): Float32Array {
  const [, channels = 1, height = 1, width = 1] = shape;
  const next = normal(7000 + index);
  const share = uniform(9000 + index);
  const [coarse, fine, brightness] = [0.3 + 1.7 * share(), 0.5 * share(), 2 * share() - 1];
  const data = new Float32Array(channels * height * width);
  const cells = 8;
  for (let c = 0; c < channels; c++) {
    const blocks = Float32Array.from({ length: cells * cells }, () => coarse * next());
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const block = Math.floor((y * cells) / height) * cells + Math.floor((x * cells) / width);
        data[(c * height + y) * width + x] = brightness + (blocks[block] ?? 0) + fine * next();
      }
  }
  return data;
}

/**
 * Whether the outputs for all inputs lie in 0..1 and sum to 1. The first that does not decides, so that a network with logits runs once.
 * @param run returns the outputs for a seeded input
 */
export async function givesProbabilities(
  run: (index: number) => Promise<ArrayLike<number>>,
): Promise<boolean> {
  for (let index = 0; index < INPUTS; index++) {
    const values = Array.from(await run(index));
    const sum = values.reduce((total, value) => total + value, 0);
    const within = values.every((value) => value >= -TOLERANCE && value <= 1 + TOLERANCE);
    if (!within || !(Math.abs(sum - 1) <= TOLERANCE)) return false;
  }
  return true;
}
