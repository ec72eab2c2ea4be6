/** The one door to sharp (libvips): loaded by who first needs it, so that the network can begin to load before it. */
import { createRequire } from 'node:module';
import type Sharp from 'sharp';

/** Takes 40 ms the first time. No operation cache, because every picture here is read once. */
export function loadSharp(): typeof Sharp {
  const sharp = createRequire(__filename)('sharp') as typeof Sharp;
  sharp.cache(false);
  return sharp;
}
