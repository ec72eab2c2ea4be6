/**
 * The pixel kernels: what is done to every pixel, in lanes of 128 bits, and to every weight that moves. AssemblyScript, compiled to WebAssembly.
 *
 * All memory is the caller's (server/src/imaging/kernels.ts): nothing is allocated here. Kernels work on whole vectors, so
 * they may read and write up to `SPILL` bytes beyond the end of what they are given; what they spill there means nothing.
 */

export { blocks } from './blocks';
export { activation, filterBytes, filterRgb, overlay } from './scanlines';
export { blended, colored } from './pixels';
export { adler32 } from './adler32';
export { grayColumns } from './gray';
export { levelColumns, levelRows } from './levels';
export { columns, eights, extremes, moments, rectify, rows } from './separable';
export { count, literals, pairCodes } from './literals';

/** The first byte that is free. */
export function heap(): usize {
  return __heap_base;
}
