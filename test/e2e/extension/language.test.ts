/** What the server says of texts, in VS Code: a lens that is written for a model, with problems as one types. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { encodeModel } from '../../../server/src/onnx/write';
import { smallClassifier } from '../../support/small-classifier';
import { explorerMenu, explorerRow, openFile } from '../vscode/actions';
import { screenshot } from '../vscode/screenshot';
import { eventually, openSession, reportFrame } from './session';

const limit = { timeout: 600_000 };
let place: string;

before(() => {
  place = mkdtempSync(join(tmpdir(), 'lens-language-'));
  writeFileSync(join(place, 'small.onnx'), encodeModel(smallClassifier()));
  writeFileSync(join(place, 'code.py'), 'image = cv2.imread("portrait.png")\n');
});
after(() => rmSync(place, { recursive: true, force: true }));

test('texts in the editor', limit, async (t) => {
  const sources = {
    'small.onnx': join(place, 'small.onnx'),
    'code.py': join(place, 'code.py'),
    'portrait.png': 'samples/portrait.png',
  };
  const { page, folder, close } = await openSession({
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
      await screenshot(page, 'image-hover');
      // The hover may lie over what is to be clicked.
      await page.keyboard.press('Escape');
      await named.click();
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
  } finally {
    await close();
  }
});
