/** The pixel kernels in this process. */

import { PixelKernels, type KernelExports } from '../../../painting/kernels';
import { LensError } from '../errors';
import { kernelBytes } from './kernel-bytes';

export type { Room } from '../../../painting/kernels';

/** Every Node that runs this has the lanes (fixed-width SIMD: V8 9.1, Node 16.4), so there is no other way to draw. */
const kernelModule = new WebAssembly.Module(kernelBytes);

export class Kernels extends PixelKernels {
  constructor() {
    super(new WebAssembly.Instance(kernelModule).exports as KernelExports, noMemory);
  }
}

const noMemory = (needs: string, has: string): LensError =>
  new LensError(
    'internal',
    `Drawing needs ${needs} MB more memory than the ${has} MB it has, but no more is available.`,
    { fix: 'Scale the picture down, or close other programs.' },
  );
