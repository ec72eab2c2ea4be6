/** An option means the same at every door: on the command line, in the editor's settings, and beside a request. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, test } from 'node:test';
import { optionRows, type NamedOption, type SettingName } from '../../protocol/options';
import { chosenIn, writtenAs } from '../../protocol/setting-text';
import { parseAnalyze } from '../../server/src/cli/options';
import { givenOptions } from '../../server/src/lsp/given-options';
import { optionsFrom } from '../../server/src/lsp/options';
import { projectRoot } from '../../server/src/system/paths';
import { temporaryFolder } from '../support/temp';

const { contributes } = JSON.parse(readFileSync(join(projectRoot(), 'package.json'), 'utf8')) as {
  readonly contributes: {
    readonly configuration: {
      readonly properties: Readonly<
        Record<string, { readonly default: unknown; readonly markdownDeprecationMessage?: string }>
      >;
    };
  };
};
const { configuration } = contributes;
const english = JSON.parse(readFileSync(join(projectRoot(), 'package.nls.json'), 'utf8')) as Readonly<
  Record<string, string>
>;

const output = resolve('inference-lens-report');
const settings = (section: object) =>
  optionsFrom(section, (setting) => (setting === '' ? output : resolve(setting)));

const strokes = [{ line: [[1, 2.5]], radius: 3, fill: { blur: 4 } }];
const strokesFile = join(temporaryFolder('options'), 'strokes.json');

/** A value that is not the default, and how the command line writes it. */
function example({ kind }: NamedOption): readonly [value: unknown, text: string] {
  switch (kind.is) {
    case 'text':
      return ['some', 'some'];
    case 'path':
      return [resolve('some'), 'some'];
    case 'word':
      return [kind.words.at(-1)?.id, kind.words.at(-1)?.id ?? ''];
    case 'words': {
      const ids = kind.words.map(({ id }) => id).slice(1, 3);
      return [ids, ids.join()];
    }
    case 'count':
    case 'number':
      return [kind.most, String(kind.most)];
    case 'box':
      return [[1, 2, 3.5, 4], '1,2,3.5,4'];
    case 'strokes': {
      writeFileSync(strokesFile, JSON.stringify(strokes));
      return [strokes, strokesFile];
    }
  }
}

/** What no kind takes. */
const wrong = { no: 'such thing' };

test('without any, the doors agree', () => {
  assert.deepEqual(parseAnalyze(['a.png']).options, settings({}));
});

/** What a lens may say, by the option that says the same. */
const IN_A_LENS = ['weights', 'target', 'methods', 'layers', 'activation', 'detector', 'crop'] as const;

test('what a lens may say too is null until somebody sets it, at the command line and in the settings', () => {
  const untouched = Object.fromEntries(
    Object.entries(configuration.properties).map(([key, { default: value }]) => [
      key.replace('inferenceLens.', ''),
      value,
    ]),
  );
  for (const options of [parseAnalyze(['a.png']).options, settings({}), settings(untouched)])
    for (const name of IN_A_LENS) assert.equal(options[name], null, name);
});

test('the extension reads what its manifest gives as the server does: a choice that is left open is none', () => {
  const chosen = optionRows.flatMap(({ name, kind, default: otherwise, setting }) => {
    const given = configuration.properties[`inferenceLens.${name}`]?.default;
    if (setting === null || typeof given !== 'string') return [];
    const key = name as SettingName;
    if (kind.is !== 'path') assert.equal(chosenIn(key, given), otherwise ?? '', name);
    if (kind.is !== 'word') return [];
    assert.equal(chosenIn(key, writtenAs(key, 'x')), 'x');
    assert.equal(chosenIn(key, writtenAs(key, '')), '');
    return otherwise === null ? [writtenAs(key, '') === given] : [];
  });
  assert.ok(chosen.length >= 3 && chosen.every((same) => same));
  assert.equal(chosenIn('weights', 'default'), 'default', 'text is taken as it is');
});

test('a deprecated setting says in the manifest what replaces it', () => {
  const replaced = optionRows.filter(({ replacedBy }) => replacedBy !== undefined);
  assert.deepEqual(
    replaced.map(({ name }) => name),
    ['pipeline'],
  );
  for (const { name, replacedBy = '' } of replaced) {
    const { markdownDeprecationMessage: key = '' } = configuration.properties[`inferenceLens.${name}`] ?? {};
    const words = english[key.replaceAll('%', '')] ?? '';
    assert.ok(words.includes(`#inferenceLens.${replacedBy}#`), key);
    assert.ok(`inferenceLens.${replacedBy}` in configuration.properties);
  }
});

for (const row of optionRows)
  describe(row.name, () => {
    const [value, text] = example(row);
    const { flag, setting, name } = row;
    if (flag !== null)
      test('as an option of the command line', () => {
        const { options } = parseAnalyze(['a.png', `--${flag.name}`, text]);
        assert.deepEqual(options[name], value);
        assert.notDeepEqual(value, parseAnalyze(['a.png']).options[name]);
      });
    if (setting !== null)
      test('as a setting', () => {
        assert.deepEqual(settings({ [name]: value })[name], value);
        assert.throws(() => settings({ [name]: wrong }), {
          kind: 'usage',
          message: new RegExp(`^The setting inferenceLens\\.${name} should be .*; found `),
        });
      });
    test('beside a request', () => {
      assert.deepEqual(givenOptions({ [name]: value }), { [name]: value });
      assert.throws(() => givenOptions({ [name]: wrong }), {
        kind: 'usage',
        message: new RegExp(`^The request's option "${name}" should be .*; found `),
      });
      const open = () => givenOptions({ [name]: null });
      if (row.default === null) open();
      else assert.throws(open, { kind: 'usage' });
    });
  });
