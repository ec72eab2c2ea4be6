/** What V8 does for programs that are not like ours, set to what suits them. A V8 that does not know a flag passes over it. */
import { setFlagsFromString } from 'node:v8';

/** Bytes of bytecode that a function runs through before V8 optimizes it: 15 times its own number. */
const BUDGET = 1_000_000;

/**
 * For a process that analyzes one image and ends. Nearly all that it runs, it runs once: without this, V8 spends 0.15 s of CPU time on
 * optimizing functions that are hardly called again, a tenth of a first report of MobileNet V2. Most pixels are WebAssembly, which this
 * does not concern. To be called before the work begins.
 */
export function optimizeLess(): void {
  setFlagsFromString(`--interrupt-budget=${BUDGET}`);
}

/** How far the heap may grow between two full collections, in percent of what was left by the last one: the most that V8 itself allows. */
const GROWTH = 300;

/**
 * For every process that computes pictures. V8 counts the pixels outside its heap as if they were in it, and its heap is small (11 MB after
 * an analysis): it collects it all 2.5 times in each report, to find that there is nothing in it to throw away. With this it is less
 * than once, for 25 MB more at the peak (`bench/NOTES.md`).
 */
export function collectLess(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH}`);
}
