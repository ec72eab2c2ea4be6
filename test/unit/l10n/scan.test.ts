/** What the scan of the sources takes for a text that a reader sees, and what not. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { scan } from '../../../scripts/l10n/scan';

const shown = (source: string, path = 'a.tsx'): readonly string[] =>
  scan(path, source).untranslated.map(({ text }) => text);

/** Source, and what of it is shown without a translation. */
const cases: readonly (readonly [string, readonly string[]])[] = [
  ['const a = <p>Opening</p>;', ['Opening']],
  ['const a = <p>of</p>;', ['of']],
  ['const a = <p title="size">{t("Size")}</p>;', ['size']],
  ['const a = <p aria-label={`Layer ${n}`} />;', ['Layer {}']],
  ['const a = <p>{open ? "less" : t("more")}</p>;', ['less']],
  ['const a = <p>{n > 1 && `${n} of them`}</p>;', ['{} of them']],
  ['const a = <Tile name="Could not be read" />;', ['Could not be read']],
  ['void window.showInformationMessage("Saved.");', ['Saved.']],
  ['void window.showWarningMessage(`${n} images are left`);', ['{} images are left']],
  ['const dialog = { title: "x ray", filters: { Images: [] } };', ['x ray', 'Images']],
  ['const choice = { label: "fsbi" };', ['fsbi']],
  ['const words = ["Mean", "Std"];', ['Mean', 'Std']],
  ['const text = t(`Layer ${name}`);', ['t(`Layer ${name}`)']],
  ['const text = t("{0} left", many ? "a lot" : "one of");', ['a lot', 'one of']],
  ['const said = `${count} to ${most}`;', ['{} to {}']],
  ['const failure = { kind: "usage", message: "gone", fix: null };', ['gone']],
];

/** Read by programs, by the log, or the same in every language. */
const silent: readonly string[] = [
  'import { a } from "Some Module";',
  'type Kind = "Some Kind" | "another kind";',
  'const a = <div class="step-card step-card-open" role="Tab" />;',
  'log.error(`The server did not answer: ${reason}`);',
  'throw new Error("The page has no element with the id root.");',
  'if (event.key === "Arrow Right") go();',
  'switch (a) { case "Some Case": break; }',
  'const a = { type: "Some Type", command: "Some Command" };',
  'const a = document.getElementById("Some Id");',
  'const a = <p>{t("Translated")}</p>;',
  'const a = t("Translated, {0}", name);',
  'const a = <p>{n} × {m}</p>;',
  'const a = <code>{`"labels": ${labels}`}</code>;',
  'const a = { label: `$(eye) ${t("Select")}` };',
  'const size = `${n} MB`;',
  'const a = <summary>Inference Lens</summary>;',
  'const id = `layer-row-${n}`;',
];

describe('a text without a translation', () => {
  for (const [source, texts] of cases) test(source, () => assert.deepEqual(shown(source), texts));
});

describe('no text for a reader', () => {
  for (const source of silent) test(source, () => assert.deepEqual(shown(source), []));
});

test('a text is found with its line, and once for each use', () => {
  const { texts } = scan('a.ts', 'const a = t("One");\nconst b = [t("Two"), t("One")];\n');
  assert.deepEqual(texts, [
    { text: 'One', at: 'a.ts:1' },
    { text: 'Two', at: 'a.ts:2' },
    { text: 'One', at: 'a.ts:2' },
  ]);
});
