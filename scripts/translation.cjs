/**
 * TypeScript and ES modules as the CommonJS that Node runs. What a file is translated to is cached, since `npm test` starts hundreds of
 * processes that read the same hundreds of files.
 */
const { createHash } = require('node:crypto');
const { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } = require('node:fs');
const { extname, join, relative } = require('node:path');

const root = join(__dirname, '..');
const compilers = ['tsconfig.json', join('node_modules', 'esbuild', 'package.json')];
const digest = createHash('sha256').update(readFileSync(__filename));
for (const file of compilers) digest.update(readFileSync(join(root, file)));
/** Another folder where what translates is another. */
const cache = join(
  root,
  'node_modules',
  '.cache',
  'inference-lens',
  `from-source-${digest.digest('hex').slice(0, 16)}`,
);

/** Code that is loaded on demand is required, as in the bundles: `import()` would need a loader in a thread of its own. */
const demanded = /\bimport\((["']\.[^"']+["'])\)/g;
const ADDRESS = '__address';

const optionsFor = (file) => ({
  loader: { '.ts': 'ts', '.tsx': 'tsx' }[extname(file)] ?? 'js',
  sourcefile: file,
  sourcemap: 'inline',
  sourcesContent: false,
  format: 'cjs',
  platform: 'node',
  target: 'node20',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  tsconfigRaw: readFileSync(join(root, 'tsconfig.json'), 'utf8'),
  define: {
    'import.meta.url': ADDRESS,
    'import.meta.dirname': '__dirname',
    'import.meta.filename': '__filename',
  },
});

/** What esbuild made, with what it leaves to a bundler. */
function completed(code) {
  // In the first line, so that the map of the lines holds.
  const address = `const ${ADDRESS} = require('node:url').pathToFileURL(__filename).href;`;
  return (
    (code.includes(ADDRESS) ? address : '') +
    code.replace(demanded, 'Promise.resolve().then(() => require($1))')
  );
}

const placeOf = (file) => join(cache, relative(root, file).replace(/[\\/:]/g, '!'));

/** Age and length of a file, which say whether what is cached is of it. */
function stampOf(file) {
  const { mtimeMs, size } = statSync(file);
  return `//${mtimeMs} ${size}\n`;
}

/** @returns {string | null} null where the file is not there, or of another state of the source */
function cached(file, stamp) {
  try {
    const text = readFileSync(placeOf(file), 'utf8');
    return text.startsWith(stamp) ? text.slice(stamp.length) : null;
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    throw error;
  }
}

/** Written beside its place, so that no other process reads a half. */
function write(file, stamp, code) {
  mkdirSync(cache, { recursive: true });
  const place = placeOf(file);
  const beside = `${place}.${process.pid}`;
  writeFileSync(beside, stamp + code);
  renameSync(beside, place);
}

/** The CommonJS of one file. */
exports.translated = (file) => {
  const stamp = stampOf(file);
  const before = cached(file, stamp);
  if (before !== null) return before;
  const { code } = require('esbuild').transformSync(readFileSync(file, 'utf8'), optionsFor(file));
  // What a test writes into a folder of its own is read once.
  if (!relative(root, file).startsWith('..')) write(file, stamp, completed(code));
  return completed(code);
};

/** Translates many files ahead: esbuild does so in one process, where each alone would start one. */
exports.translateAll = async (files) => {
  const { transform } = require('esbuild');
  await Promise.all(
    files.map(async (file) => {
      const stamp = stampOf(file);
      if (cached(file, stamp) !== null) return;
      const { code } = await transform(readFileSync(file, 'utf8'), optionsFor(file));
      write(file, stamp, completed(code));
    }),
  );
};
