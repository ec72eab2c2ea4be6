/** What production files export is for production: what only tests use belongs to the tests. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { projectRoot } from '../../server/src/system/paths';

const EXPORT = /^export (?:async )?(?:abstract )?(?:function\*?|const|class|enum) (\w+)/gm;

/** Entry points, which nothing imports: VS Code calls them. */
const CALLED_FROM_OUTSIDE = new Set(['activate', 'deactivate']);

const filesBelow = (folders: readonly string[]): Map<string, string> =>
  new Map(
    folders.flatMap((folder) =>
      readdirSync(join(projectRoot(), folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => /\.(ts|tsx|mts|mjs)$/.test(name) && !name.includes('node_modules'))
        .map((name): [string, string] => {
          const file = join(folder, name);
          return [file, readFileSync(join(projectRoot(), file), 'utf8')];
        }),
    ),
  );

/** How often each word stands in each file. */
function wordsOf(files: ReadonlyMap<string, string>): Map<string, Map<string, number>> {
  const words = new Map<string, Map<string, number>>();
  for (const [file, text] of files)
    for (const [word] of text.matchAll(/\w+/g)) {
      const counts = words.get(word) ?? new Map<string, number>();
      words.set(word, counts.set(file, (counts.get(file) ?? 0) + 1));
    }
  return words;
}

test('every value that a production file exports is used by another one or by itself', () => {
  const production = filesBelow(['protocol', 'files', 'client/src', 'webview/src', 'server/src']);
  const used = wordsOf(production);
  const idle: string[] = [];
  for (const [file, text] of production)
    for (const [, name = ''] of text.matchAll(EXPORT)) {
      const counts = used.get(name) ?? new Map<string, number>();
      if (counts.size > 1 || CALLED_FROM_OUTSIDE.has(name)) continue;
      if (counts.get(file) === 1) idle.push(`${file}: ${name}`);
    }
  assert.deepEqual(
    idle,
    [],
    'only tests use these, or nobody does: move them to test/support, or remove them',
  );
});
