/** Right-click to report, and everything a reader does in it, in the oldest and the newest supported VS Code. */
import assert from 'node:assert/strict';
import { rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import sharp from 'sharp';
import { notified, openFile, runCommand } from '../vscode/actions';
import { screenshot } from '../vscode/screenshot';
import { anyName, anyNames, anyNameSettings } from './any-name';
import {
  analyzeFromExplorer,
  canvasPixels,
  eventually,
  openSession,
  reloadedWith,
  reportFrame,
  reportNames,
  pictureBytes,
  selectLayer,
  wholeReport,
} from './session';

for (const version of ['1.99', '1.139'] as const) {
  const isNewest = version === '1.139';
  describe(`the report panel in VS Code ${version}`, { timeout: 900_000 }, () => {
    test('shows a report that can be read, switched, reloaded and opened again', async (t) => {
      const session = await openSession({
        version,
        // The report's folder has a .gitignore of its own, and what Git ignores is not found by its name otherwise.
        settings: { 'search.useIgnoreFiles': false, ...(isNewest ? anyNameSettings : {}) },
        files: ['portrait.png', ...(isNewest ? anyNames : [])],
      });
      const { page, workbench, folder, close } = session;
      try {
        let frame = await analyzeFromExplorer(page, 'portrait.png');

        await t.test('says what ran, and that the weights are untrained', async () => {
          await frame.getByText('46 layers', { exact: true }).waitFor();
          await frame.locator('.verdict').getByText('untrained demo weights').waitFor();
          await page.locator('.statusbar').getByText('demo weights').waitFor();
          await screenshot(page, `extension-report-${version}`);
        });

        await t.test(
          'its tab says whose report it is, and has actions; the image opens beside it',
          async () => {
            await page.locator('.tab', { hasText: 'portrait.png (Lens)' }).click();
            const action = (name: string) =>
              page.locator('.editor-actions').getByRole('button', { name }).first();
            for (const name of ['Analyze Again', 'Save Report...', 'Copy Summary'])
              await action(name).waitFor();
            await action('Open the Image').click();
            await page.locator('.tab', { hasText: /^portrait\.png$/ }).waitFor();
            // Beside the report, which is not hidden by it.
            await frame.locator('.verdict').waitFor();
            await page.locator('.tab', { hasText: /^portrait\.png$/ }).click();
            await page.keyboard.press('Control+w');
            // Of an image that is gone there is nothing to open.
            const [image, elsewhere] = [join(folder, 'portrait.png'), join(folder, 'moved.png')];
            await rename(image, elsewhere);
            await action('Open the Image').click();
            await notified(page, 'portrait.png is no longer where it was.');
            await rename(elsewhere, image);
            await runCommand(page, 'Notifications: Clear All Notifications');
          },
        );

        await t.test('three layers have three pictures', async () => {
          const pictures = new Set<string>();
          for (const layer of ['block_10', 'block_20', 'conv_head']) {
            await selectLayer(frame, layer);
            // The picture before stays until this layer's maps are there.
            const picture = await eventually(
              async () => (await pictureBytes(frame)).toString('base64'),
              (now) => !pictures.has(now),
              `a picture of ${layer}`,
            );
            pictures.add(picture);
          }
        });

        await t.test('the picture has the pixels of the file in the report’s folder', async () => {
          const [name] = await reportNames(folder);
          const file = `${folder}/inference-lens-report/${String(name)}/result/steps/c_layers/conv_head/heatmap/overlay.png`;
          const expected = await sharp(file).removeAlpha().ensureAlpha().raw().toBuffer();
          await eventually(
            () => canvasPixels(frame),
            (pixels) => pixels.equals(expected),
            'the pixels of overlay.png',
          );
        });

        await t.test('the opacity slider changes the picture', async () => {
          const before = await pictureBytes(frame);
          await frame.getByRole('slider', { name: 'Opacity of the heatmap' }).fill('0.1');
          await eventually(
            () => pictureBytes(frame),
            (now) => !now.equals(before),
            'the picture of another opacity',
          );
        });

        await t.test('arrow keys walk through the layers', async () => {
          await selectLayer(frame, 'block_10');
          await frame.getByRole('grid', { name: 'Layers' }).focus();
          await page.keyboard.press('ArrowDown');
          await frame.locator('.inspector h3', { hasText: 'block_11' }).waitFor();
          await page.keyboard.press('ArrowUp');
          await page.keyboard.press('ArrowUp');
          await frame.locator('.inspector h3', { hasText: 'block_09' }).waitFor();
        });

        await t.test('another target gives other heatmaps in the same panel', async () => {
          await selectLayer(frame, 'block_20');
          const before = await pictureBytes(frame);
          await frame.getByRole('radio', { name: 'real' }).click();
          await eventually(
            () => pictureBytes(frame),
            (now) => !now.equals(before),
            'the heatmap of another target',
          );
          await eventually(
            () => reportNames(folder),
            (reports) => reports.length === 2,
            'reports',
          );
        });

        await t.test('the panel is found again after a reload', async () => {
          await selectLayer(frame, 'block_20');
          frame = await reloadedWith(workbench, /inferenceLens\.report.*layer\W+block_20/);
          await wholeReport(frame);
          await frame.locator('.inspector h3', { hasText: 'block_20' }).waitFor();
        });

        await t.test('opening report.json shows the same panel', async () => {
          await runCommand(page, 'View: Close All Editors');
          const [report] = await reportNames(folder);
          await openFile(page, `${String(report)}/result/report.json`);
          frame = await reportFrame(page);
        });

        // In this window, since it is open.
        if (isNewest)
          await t.test(
            'files with any name, alone and together, are analyzed, and their names are text',
            async () => {
              await runCommand(page, 'View: Close All Editors');
              await anyName(session);
            },
          );
      } finally {
        await close();
      }
      // Nothing of the server is left, neither a process nor a file.
      assert.throws(() => process.kill(-workbench.server.pid, 0), { code: 'ESRCH' });
      await assert.rejects(stat(workbench.server.data), { code: 'ENOENT' });
    });
  });
}
