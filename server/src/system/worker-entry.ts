/** Where the script of a worker thread is. */
import { join } from 'node:path';
import { projectRoot } from './paths';

/** The script that a thread runs, and options of Node for it. */
export interface ThreadEntry {
  readonly path: string;
  readonly execArgv: readonly string[];
}

/**
 * Beside the bundle that the caller is part of; beside the caller when run from source, where Node reads TypeScript by scripts/from-source.cjs.
 * @param folder the caller's `__dirname`
 * @param name of the script, without extension
 */
export const workerEntry = (folder: string, name: string): ThreadEntry =>
  __filename.endsWith('.ts')
    ? {
        path: join(folder, `${name}.ts`),
        execArgv: ['--require', join(projectRoot(), 'scripts', 'from-source.cjs')],
      }
    : { path: join(folder, `${name}.js`), execArgv: [] };
