/** What the server says of texts, in VS Code: a lens that is written for a model, with problems as one types. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { encodeModel } from '../../../server/src/onnx/write';
import { smallClassifier } from '../../support/small-classifier';
import type { Locator, Page } from 'playwright-core';
import { explorerMenu, explorerRow, openFile, runCommand, takeEntry } from '../vscode/actions';
import { screenshot } from '../vscode/screenshot';
import { eventually, openSession, reportFrame, type Answer } from './session';

const limit = { timeout: 600_000 };
let place: string;

before(() => {
  place = mkdtempSync(join(tmpdir(), 'lens-language-'));
  writeFileSync(join(place, 'small.onnx'), encodeModel(smallClassifier()));
  writeFileSync(join(place, 'code.py'), 'image = cv2.imread("portrait.png")\n');
  const cell = { cell_type: 'code', execution_count: null, metadata: {}, outputs: [] };
  const notebook = {
    cells: [{ ...cell, source: ['image = cv2.imread("portrait.png")'] }],
    metadata: { language_info: { name: 'python' } },
    ...{ nbformat: 4, nbformat_minor: 5 },
  };
  writeFileSync(join(place, 'look.ipynb'), JSON.stringify(notebook));
});
/** Hovers over the path until its size and thumbnail are shown. */
async function hovered(page: Page, named: Locator): Promise<void> {
  const hover = page.locator('.monaco-hover').getByText('640 × 640 pixels');
  await eventually(
    async () => {
      await page.mouse.move(5, 5);
      await named.hover();
      return hover.waitFor({ timeout: 2000 }).then(
        () => true,
        () => false,
      );
    },
    (there) => there,
    'the hover',
  );
  const thumbnail = page.locator('.monaco-hover img').first();
  await eventually(
    () => thumbnail.evaluate((img) => (img as unknown as { naturalWidth: number }).naturalWidth),
    (width) => width > 0,
    'width of the thumbnail',
  );
}

interface Part {
  readonly text?: string;
  readonly mimeType?: string;
}

function partsOf(answer: Answer): readonly Part[] {
  assert.ok(answer.ok, JSON.stringify(answer));
  return answer.value as readonly Part[];
}

after(() => rmSync(place, { recursive: true, force: true }));

test('texts in the editor', limit, async (t) => {
  const sources = {
    'small.onnx': join(place, 'small.onnx'),
    'code.py': join(place, 'code.py'),
    'look.ipynb': join(place, 'look.ipynb'),
    'portrait.png': 'samples/portrait.png',
  };
  const { page, folder, ask, close } = await openSession({
    probe: true,
    ...{ files: Object.keys(sources), sources },
    settings: {
      'editor.autoClosingBrackets': 'never',
      'inferenceLens.codeLens': 'on',
      'inferenceLens.badges': 'on',
    },
  });
  try {
    await t.test(
      'a lens is created and opened; a wrong word is marked, and completed words come from the model',
      async () => {
        await explorerMenu(page, 'small.onnx', 'Create Lens for This Model');
        const lines = page.locator('.editor-instance .view-lines');
        await lines.getByText('"model"').waitFor({ timeout: 60_000 });
        const path = join(folder, 'small.lens.json');
        assert.ok(existsSync(path));
        assert.match(readFileSync(path, 'utf8'), /"model": "small\.onnx"/);
        await page.locator('.editor-instance .view-lines').first().click();
        await page.keyboard.press('Control+a');
        await page.keyboard.press('Delete');
        await page.keyboard.insertText(
          '{ "model": "small.onnx", "methods": ["gradcm"], "layers": ["nothing"] }',
        );
        const wrong = page.locator('.squiggly-error');
        await eventually(
          () => wrong.count(),
          (count) => count === 2,
          'marked words',
        );
        await screenshot(page, 'lens-problems');
      },
    );

    await t.test('hovering over the path of an image shows it; Analyze is in the context menu', async () => {
      await openFile(page, 'code.py');
      const named = page.locator('.view-lines').getByText('portrait.png');
      await named.waitFor();
      // The line moves down when CodeLens comes.
      await page.locator('.codelens-decoration').getByText('Analyze', { exact: true }).waitFor();
      await hovered(page, named);
      await screenshot(page, 'image-hover');
      // The hover may lie over what is to be clicked.
      await page.keyboard.press('Escape');
      await named.click({ button: 'right' });
      await page
        .locator('.context-view .monaco-menu')
        .getByText('Analyze the Image Under the Cursor')
        .waitFor();
      await page.keyboard.press('Escape');
    });

    await t.test('CodeLens analyzes it, and the Explorer has the verdict as a badge', async () => {
      // CodeLens stands above the first line, where the editor does not scroll by itself.
      await page.locator('.view-lines').getByText('portrait.png').hover();
      await page.mouse.wheel(0, -500);
      await page.locator('.codelens-decoration').getByText('Analyze', { exact: true }).click();
      await reportFrame(page);
      await explorerRow(page, 'portrait.png').locator('[aria-label*="Inference Lens: "]').waitFor();
    });

    await t.test('in a cell of a notebook too', async () => {
      await runCommand(page, 'View: Close All Editors');
      await openFile(page, 'look.ipynb');
      const cell = page.locator('.notebookOverlay');
      const named = cell.locator('.view-lines').getByText('portrait.png');
      await cell.locator('.codelens-decoration').getByText('Analyze', { exact: true }).waitFor();
      await hovered(page, named);
      await screenshot(page, 'notebook-hover');
      await page.keyboard.press('Escape');
      await named.click({ button: 'right' });
      const entry = page
        .locator('.context-view .monaco-menu')
        .getByText('Analyze the Image Under the Cursor');
      assert.ok(await takeEntry(entry), 'the menu does not take the entry');
      await reportFrame(page);
    });

    await t.test('language models call the tools, and hear what is wrong with a call', async () => {
      const call = (tool: string, input: object, cancelAfter: number | null = null) =>
        ask({ call: 'invokeTool', tool: `inference_lens_${tool}`, input, cancelAfter });
      const image = join(folder, 'portrait.png');
      const parts = partsOf(await call('analyze', { image, weights: 'mobilenet_v2' }));
      const answer = JSON.parse(parts[0]?.text ?? '') as Readonly<Record<string, unknown>>;
      assert.match(String(answer['note']), /highlights .* It does not say why the network decided/);
      // The oldest VS Code that is supported cannot hand pictures on: then that is said.
      assert.match(parts[1]?.text ?? '', /picture is left out.*Do not describe it/);
      const layers = partsOf(await call('layers', { model: 'small.onnx', pattern: 'conv1' }));
      assert.deepEqual(
        (JSON.parse(layers[0]?.text ?? '') as { layers: { name: string }[] }).layers.map(({ name }) => name),
        ['conv1'],
      );
      const wrong: readonly (readonly [string, object, RegExp])[] = [
        ['analyze', {}, /needs the argument "image": Absolute path/],
        ['analyze', { image: 5 }, /"image" should be a non-empty string; found 5/],
        ['analyze', { image, color: 'red' }, /no argument "color"\. Arguments are image, weights/],
        ['analyze', { image: join(folder, 'gone.png') }, /There is no file .*gone\.png/],
        ['lint_lens', { lens: image }, /portrait\.png/],
      ];
      for (const [tool, input, message] of wrong) {
        const answer = await call(tool, input);
        assert.ok(!answer.ok, tool);
        assert.match(answer.message, message);
      }
      const stopped = await call('analyze', { image, weights: 'mobilenet_v2' }, 0);
      assert.ok(!stopped.ok && stopped.name === 'Canceled', JSON.stringify(stopped));
    });
  } finally {
    await close();
  }
});
