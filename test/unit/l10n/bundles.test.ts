/** Every text that extension and pages show is translated, in every language, with the same places for what is put in. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { allTexts, translations, writeBundles } from '../../../scripts/l10n/bundles';
import { ENGLISH, scanAll, untranslated } from '../../../scripts/l10n/sources';
import { declaredWords } from '../../../scripts/l10n/words';
import { root } from '../../support/cli';

const files = scanAll();
const used = files.flatMap(({ texts }) => texts);

describe('the sources', () => {
  test('show nothing that is not translated', () => {
    assert.deepEqual(untranslated(files), []);
  });

  test('are all read', () => {
    assert.ok(files.length > 150, `${files.length} files`);
    assert.ok(used.length > 700, `${used.length} texts`);
    for (const folder of [
      'client/src/commands',
      'webview/src/views',
      'webview/src/model',
      'webview/src/evaluation',
    ])
      assert.ok(
        files.some(({ path, texts }) => path.startsWith(`${folder}/`) && texts.length > 0),
        folder,
      );
  });

  test('stay English only where there is something to translate', () => {
    for (const path of Object.keys(ENGLISH))
      assert.ok((files.find((file) => file.path === path)?.untranslated.length ?? 0) > 0, path);
  });
});

describe('the bundles', () => {
  test('hold what is used and what protocol/ declares, and no more', async () => {
    const { changed, missing } = await writeBundles();
    assert.deepEqual(missing, [], 'npm run l10n lists what is to be translated');
    assert.deepEqual(
      changed,
      [],
      'not up to date, and written anew just now: read the difference and commit it',
    );
    assert.ok(declaredWords().length > 40);
  });

  test('are in German and Simplified Chinese', () => {
    assert.deepEqual([...translations().keys()].sort(), ['de', 'zh-cn']);
  });

  const parts = (text: string) => ({
    holes: (text.match(/\{\d+\}/g) ?? []).sort(),
    more: /(?:\.\.\.|…)$/.exec(text)?.[0] ?? '',
    code: (text.match(/`[^`]+`/g) ?? []).sort(),
  });
  for (const [language, bundle] of translations()) {
    test(`${language} keeps holes, code and ellipses`, () => {
      for (const text of allTexts()) {
        assert.deepEqual(parts(bundle[text] ?? ''), parts(text), text);
        assert.equal(bundle[text]?.trim(), bundle[text]);
      }
    });

    test(`${language} names commands as its manifest titles them`, () => {
      const titles = Object.values(
        JSON.parse(readFileSync(join(root, `package.nls.${language}.json`), 'utf8')) as Record<
          string,
          string
        >,
      );
      const named = Object.values(bundle).flatMap((text) => [
        ...text.matchAll(/[„“]Inference Lens: ([^“”]+)[“”]/g),
      ]);
      assert.ok(named.length >= 3, `${named.length} are named`);
      for (const [, title = ''] of named) assert.ok(titles.includes(title), title);
    });
  }

  test('a text of several words is not left in English', () => {
    for (const [language, bundle] of translations()) {
      const left = Object.entries(bundle).filter(
        ([text, translation]) => text === translation && /\p{Ll}{3,} \p{Ll}{3,}/u.test(text),
      );
      assert.deepEqual(left, [], language);
    }
  });
});
