/** For a process that analyzes one image and ends. */
import { setFlagsFromString } from 'node:v8';

/** Bytes of bytecode that a function runs through before V8 optimizes it: 15 times its own number. */
const BUDGET = 1_000_000;

/**
 * Nearly all that a short process runs, it runs once: without this, V8 spends 0.15 s of CPU time on optimizing functions that are hardly
 * called again, a tenth of a first report of MobileNet V2. Pixels are WebAssembly, which this does not concern. To be called before
 * the work begins; a V8 that does not know the flag passes over it.
 */
export function optimizeLess(): void {
  setFlagsFromString(`--interrupt-budget=${BUDGET}`);
}
