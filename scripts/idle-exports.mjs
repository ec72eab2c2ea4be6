/**
 * Lists what production files export although only tests use it, or nobody: it belongs to test/support, or nowhere. Ends with 1 where there is
 * any. Names are compared as words, so a name that two files export is not found. `npm run exports`
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const EXPORT = /^export (?:async )?(?:abstract )?(?:function\*?|const|class|enum) (\w+)/gm;

/** Entry points, which nothing imports: VS Code calls them. */
const CALLED_FROM_OUTSIDE = new Set(['activate', 'deactivate']);

const production = ['protocol', 'painting', 'files', 'client/src', 'webview/src', 'server/src'].flatMap(
  (folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.tsx?$/.test(name))
      .map((name) => [join(folder, name), readFileSync(join(folder, name), 'utf8')]),
);

/** How often each word occurs in each file. */
const words = new Map();
for (const [file, text] of production)
  for (const [word] of text.matchAll(/\w+/g)) {
    const counts = words.get(word) ?? new Map();
    words.set(word, counts.set(file, (counts.get(file) ?? 0) + 1));
  }

const idle = production.flatMap(([file, text]) =>
  [...text.matchAll(EXPORT)]
    .filter(([, name]) => words.get(name).size === 1 && words.get(name).get(file) === 1)
    .filter(([, name]) => !CALLED_FROM_OUTSIDE.has(name))
    .map(([, name]) => `${file}: ${name}`),
);
console.log(idle.length === 0 ? 'Every export is used by production.' : idle.join('\n'));
process.exitCode = idle.length === 0 ? 0 : 1;
