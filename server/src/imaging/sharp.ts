/**
 * The only file that loads sharp (libvips), when it is first needed, so that the network can start loading
 * before it.
 */
import { createRequire } from 'node:module';
import type Sharp from 'sharp';
import { once } from '../system/once';

/** Takes 40 ms the first time. No operation cache, because every picture here is read once. */
export const loadSharp = once((): typeof Sharp => {
  const sharp = createRequire(__filename)('sharp') as typeof Sharp;
  sharp.cache(false);
  return sharp;
});
