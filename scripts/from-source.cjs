/**
 * For tests, which run from source. Threads are started from the bundles that `npm test` has just built of the same source. Each would
 * have to read and translate some sixty files first, which takes longer than what most of them are started for.
 * Code that is loaded on demand is required, as in the bundles: `import()` would need a loader in a thread of its own.
 */
require('tsx/cjs');
const { Module } = require('node:module');
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

/** Modules of the extension that use no more of the editor than its texts are tested without it. */
const resolve = Module._resolveFilename;
Module._resolveFilename = function (request, ...rest) {
  const outside = join(__dirname, '..', 'test', 'support', 'vscode.cjs');
  return request === 'vscode' ? outside : resolve.call(this, request, ...rest);
};

const compile = Module.prototype._compile;
Module.prototype._compile = function (code, file, ...rest) {
  const required = file.endsWith('.ts')
    ? code.replace(/\bimport\((["']\.[^"']+["'])\)/g, 'Promise.resolve().then(() => require($1))')
    : code;
  return compile.call(this, required, file, ...rest);
};
