/** Pictures and golden files for the detection tests. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Box, RgbImage } from '../../../server/src/imaging/image';
import { loadSharp } from '../../../server/src/imaging/sharp';

const root = join(__dirname, '..', '..', '..');

export const samplePortrait = join(root, 'samples', 'portrait.png');

/** A missing golden file fails the test that asks for it. */
export function golden(name: string): Buffer {
  return readFileSync(join(root, 'test', 'golden', 'detection', name));
}

export function goldenFloats(name: string): Float32Array {
  const bytes = golden(name);
  return new Float32Array(new Uint8Array(bytes).buffer);
}

export async function readRgb(path: string): Promise<RgbImage> {
  const { data, info } = await loadSharp()(path).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data };
}

/** An even gray picture. */
export function blank(width: number, height: number, value = 127): RgbImage {
  return { width, height, data: new Uint8Array(width * height * 3).fill(value) };
}

/** Puts `inner` onto an even background at (left, top). */
export function placed(
  inner: RgbImage,
  { width, height, left, top }: { width: number; height: number; left: number; top: number },
): RgbImage {
  const image = blank(width, height);
  for (let y = 0; y < inner.height; y++) {
    const row = inner.data.subarray(y * inner.width * 3, (y + 1) * inner.width * 3);
    image.data.set(row, ((top + y) * width + left) * 3);
  }
  return image;
}

export function shifted([x0, y0, x1, y1]: Box, dx: number, dy: number): Box {
  return [x0 + dx, y0 + dy, x1 + dx, y1 + dy];
}
