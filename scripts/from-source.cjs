/** For tests, which run from source. Threads are started from the bundles that `npm test` has just built of the same source. */
const { existsSync } = require('node:fs');
const { Module } = require('node:module');
const { basename, dirname, extname, join, resolve: absolute } = require('node:path');
const threads = require('node:worker_threads');
const { translated } = require('./translation.cjs');

const root = join(__dirname, '..');
const dist = join(root, 'dist');

class BuiltWorker extends threads.Worker {
  constructor(path, options) {
    const built = typeof path === 'string' ? join(dist, basename(path).replace(/\.ts$/, '.js')) : '';
    const fromSource = typeof path === 'string' && path.endsWith('.ts') && existsSync(built);
    super(fromSource ? built : path, fromSource ? { ...options, execArgv: [] } : options);
  }
}

threads.Worker = BuiltWorker;

const compile = (module, file) => module._compile(translated(file), file);
for (const extension of ['.ts', '.tsx', '.mjs']) Module._extensions[extension] = compile;

/** Of packages, those that are ES modules only. */
const plain = Module._extensions['.js'];
Module._extensions['.js'] = (module, file) => {
  try {
    plain(module, file);
  } catch (error) {
    if (error.code !== 'ERR_REQUIRE_ESM') throw error;
    compile(module, file);
  }
};
process.setSourceMapsEnabled(true);

/** Modules of the extension that use no more of the editor than its texts are tested without it. */
const editor = join(root, 'test', 'support', 'vscode.cjs');
const resolve = Module._resolveFilename;
/** Where Node would look with four other endings first, for each of a thousand imports. */
const ours = new Map();

function inSource(wanted) {
  if (!ours.has(wanted)) ours.set(wanted, existsSync(`${wanted}.ts`) ? `${wanted}.ts` : null);
  return ours.get(wanted);
}

Module._resolveFilename = function (request, parent, ...rest) {
  if (request === 'vscode') return editor;
  const isNear = request.startsWith('.') && extname(request) === '' && parent?.filename;
  const file = isNear ? inSource(absolute(dirname(parent.filename), request)) : null;
  return file ?? resolve.call(this, request, parent, ...rest);
};
