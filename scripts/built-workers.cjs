/**
 * For tests, which run from source: threads are started from the bundles that `npm test` has just built of the same source. Each would
 * have to read and translate some sixty files first, which takes longer than what most of them are started for.
 */
const threads = require('node:worker_threads');
const { existsSync } = require('node:fs');
const { basename, join } = require('node:path');

const dist = join(__dirname, '..', 'dist');

class BuiltWorker extends threads.Worker {
  constructor(path, options) {
    const built = typeof path === 'string' ? join(dist, basename(path).replace(/\.ts$/, '.js')) : '';
    const fromSource = typeof path === 'string' && path.endsWith('.ts') && existsSync(built);
    super(fromSource ? built : path, fromSource ? { ...options, execArgv: [] } : options);
  }
}

threads.Worker = BuiltWorker;
