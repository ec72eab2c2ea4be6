/** Types of kernels.mjs. */
export const kernelSources: readonly string[];
export function kernels(): Uint8Array;
