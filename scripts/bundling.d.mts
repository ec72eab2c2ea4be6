/** Types of bundling.mjs. */
import type { BuildOptions, Plugin } from 'esbuild';

export const forNode: BuildOptions & { readonly plugins: readonly Plugin[] };
export const kernelBytes: Plugin;
