/** The compiled pixel kernels, when run from source. The bundler puts their bytes in this file's place (esbuild.mjs). */
import { kernels } from '../../../scripts/kernels.mjs';

export const kernelBytes = new Uint8Array(kernels());
