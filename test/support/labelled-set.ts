/** A labeled set of small pictures, drawn from a seed, and a network of milliseconds that looks at them. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { encodeModel } from '../../server/src/onnx/write';
import { smallClassifier, SMALL_SIDE } from './small-classifier';

export const SET_CLASSES = ['red', 'green', 'blue'] as const;

/** A PPM whose pixels are even or noise, brighter in one channel. */
export function picture(seed: number, channel: number, side = 24): Buffer {
  let state = (seed + 1) * 2654435761;
  const random = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const pixels = Buffer.alloc(side * side * 3);
  for (let i = 0; i < pixels.length; i++)
    pixels[i] = Math.floor(random() * 120) + (i % 3 === channel ? 120 : 0);
  return Buffer.concat([Buffer.from(`P6\n${side} ${side}\n255\n`), pixels]);
}

/** Writes `count` pictures of each class below `folder/<class>/`. */
export function writeSet(folder: string, count: number): void {
  SET_CLASSES.forEach((label, channel) => {
    for (let i = 0; i < count; i++)
      put(join(folder, label, `${String(i).padStart(4, '0')}.ppm`), picture(i * 3 + channel, channel));
  });
}

export function put(path: string, bytes: Buffer | string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
}

/** The network with its lens beside it. @returns the model's path */
export function writeSetModel(folder: string, labels: readonly string[] = SET_CLASSES): string {
  const model = join(folder, 'small.onnx');
  put(model, Buffer.from(encodeModel(smallClassifier())));
  const lens = {
    labels,
    preprocess: [
      { step: 'resize', size: SMALL_SIDE, fit: 'exact', filter: 'bilinear', like: 'pillow' },
      { step: 'rescale' },
    ],
  };
  put(join(folder, 'small.lens.json'), JSON.stringify(lens));
  return model;
}
