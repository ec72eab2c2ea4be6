/** Paths with `\` and drive letters, wherever somebody else's file names another: the same on every system, and never out of its folder. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { parseReport } from '../../protocol/read-report';
import { readCheck } from '../../server/src/evaluation/checks/read-check';
import { setOfManifest } from '../../server/src/evaluation/labels/manifest';
import type { Row } from '../../server/src/evaluation/row';
import { shownPicture } from '../../server/src/evaluation/shown/picture';
import { readLens } from '../../server/src/lens/lens-file';
import { pathInLens } from '../../server/src/lens/lens-paths';
import { temporaryFolder } from '../support/temp';
import { referenceRun } from './report/reference-run';

const folder = join(temporaryFolder('paths-of-windows'), 'in');
mkdirSync(folder, { recursive: true });
// There is something to be found above.
writeFileSync(join(folder, '..', 'x'), 'a\nb\n');
writeFileSync(join(folder, '..', 'b'), 'a\nb\n');

const PATHS = [
  ...['C:\\x', 'C:/x', 'C:x', '\\\\server\\share', '//server/share/x', '..\\x', 'a\\..\\..\\b', '\\x'],
  ...['../x', 'a/../../b', '/etc/hostname'],
];

const written = (name: string, value: unknown): string => {
  const file = join(folder, name);
  writeFileSync(file, typeof value === 'string' ? value : JSON.stringify(value));
  return file;
};
const options = { pathColumn: null, labelColumn: null, pattern: null, labelled: true, root: null };

for (const path of PATHS)
  describe(path, () => {
    for (const key of ['labels', 'model'] as const)
      test(`"${key}" of a lens`, async () => {
        const lens = await readLens(written('mine.lens.json', { [key]: path }));
        await assert.rejects(pathInLens({ lens, key, text: path, trusted: false }), {
          kind: 'usage',
          message: /mine\.lens\.json:1:\d+: (labels|model): expected a path /,
        });
        // Trusted paths may lead anywhere, but mean the same on every system.
        if (path.includes('\\')) await assert.rejects(pathInLens({ lens, key, text: path, trusted: true }));
      });

    const quoted = `"${path.replaceAll('"', '""')}"`;
    const manifests: readonly (readonly [name: string, value: unknown, line: string])[] = [
      ['set.csv', `path,label\n${quoted},a\n`, ':2'],
      ['set.tsv', `path\tlabel\n${path}\ta\n`, ':2'],
      ['set.jsonl', JSON.stringify({ path, label: 'a' }), ':1'],
      ['set.json', { images: [{ id: 1, file_name: path }], annotations: [], categories: [] }, ''],
    ];
    for (const [name, value, line] of manifests)
      test(`a picture of ${name}`, () =>
        assert.rejects(setOfManifest(written(name, value), options), {
          kind: 'usage',
          message: `${join(folder, name)}${line}: expected paths below ${folder}, found ${path}.`,
        }));

    for (const key of ['set', 'weights', 'lens'] as const)
      test(`"${key}" of a test file`, () =>
        assert.rejects(readCheck(written('mine.check.json', { set: '.', [key]: path, expect: {} })), {
          kind: 'usage',
          message: /mine\.check\.json:1:\d+: expected a path with \/ below the file's own folder/,
        }));

    test('a row of a shard', () =>
      assert.rejects(shownPicture({ folder, root: folder }, { path, sha256: null } as Row, null), {
        kind: 'image',
        message: /^There is no file |leaves the folder of the set/,
      }));

    test('files of a report', () => {
      const change = (text: string): Parameters<typeof parseReport>[0] =>
        JSON.stringify({ ...referenceRun, mapsFile: text });
      const read = parseReport(change(path));
      assert.ok(!read.ok && read.fault.includes('"mapsFile" to be a path below the report\'s folder'));
    });
  });

test('a manifest that Windows wrote names the same pictures everywhere', async () => {
  const { entries } = await setOfManifest(
    written('there.csv', 'path,label\ncat\\1.png,cat\n.\\dog\\..\\dog\\2.png,dog\n'),
    options,
  );
  assert.deepEqual(
    entries.map(({ path, file }) => [path, file]),
    ['cat/1.png', 'dog/2.png'].map((path) => [path, join(folder, ...path.split('/'))]),
  );
});
