/** What can go wrong, through the real interface: no face, cancelling, crashes, folders that cannot be written. */
import assert from 'node:assert/strict';
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import sharp from 'sharp';
import { expand, explorerMenu, notified, panelFrame, pick, runCommand, takeEntry } from '../vscode/actions';
import { encodeModel } from '../../../server/src/onnx/write';
import { smallClassifier } from '../../support/small-classifier';
import { screenshot } from '../vscode/screenshot';
import { heldEngines, heldInTheMiddle } from './engines';
import { analysisLimit, menuEntry, openSession, wholeReport } from './session';

const limit = { timeout: 900_000 };

test('failures say what happened and offer what helps', limit, async (t) => {
  const { page, folder, workbench, close } = await openSession({
    files: ['one/portrait.png', 'two/empty.png'],
    workspace: { folders: ['one', 'two'] },
  });
  const flat = { width: 300, height: 200, channels: 3, background: { r: 90, g: 120, b: 150 } } as const;
  await writeFile(join(folder, 'two/empty.png'), await sharp({ create: flat }).png().toBuffer());
  try {
    await t.test(
      'an image without a face, then the whole image; the report goes into its folder',
      async () => {
        await expand(page, 'two');
        await explorerMenu(page, 'empty.png', menuEntry);
        const frame = await panelFrame(page);
        await frame.getByText('This image cannot be analyzed').waitFor({ timeout: analysisLimit });
        // Not a dead end: the picture opens, a box is drawn on it, and the verdict comes at once.
        const picture = frame.getByRole('application', { name: 'The input picture' });
        await picture.press('Enter');
        await frame.locator('.hand-change').waitFor({ timeout: analysisLimit });
        await screenshot(page, 'extension-no-face');
        await frame.getByRole('button', { name: /whole image/ }).click();
        await wholeReport(frame);
        await frame.getByRole('button', { name: 'Edit input' }).click();
        await frame.getByRole('button', { name: /^Color/ }).click();
        for (const key of [' ', ' ']) await picture.press(key);
        await frame.getByRole('button', { name: 'Analyze', exact: true }).click();
        await frame.getByText('picture edited by hand').first().waitFor({ timeout: analysisLimit });
        await screenshot(page, 'extension-edited');
        assert.ok((await stat(join(folder, 'two/inference-lens-report'))).isDirectory());
        await runCommand(page, 'View: Close All Editors');
      },
    );

    await t.test('cancelled, then analyzed again', async () => {
      await expand(page, 'one');
      const engines = await heldEngines(workbench.server);
      await explorerMenu(page, 'portrait.png', menuEntry);
      const frame = await panelFrame(page);
      // A run that is not over in a second is in the status bar too, for who does not look at its panel.
      const inStatusBar = page.locator('.statusbar').getByText('Inference Lens: portrait.png');
      await inStatusBar.waitFor();
      await frame.getByRole('button', { name: 'Cancel' }).click();
      for (const pid of engines) process.kill(pid, 'SIGCONT');
      await frame.getByRole('heading', { name: 'Cancelled' }).waitFor();
      await inStatusBar.waitFor({ state: 'detached' });
      await frame.getByRole('button', { name: 'Analyze again' }).click();
      await wholeReport(frame);
      await runCommand(page, 'View: Close All Editors');
    });

    await t.test('the engine killed in the middle, then a good run', async () => {
      // Other bytes: of the picture that it has just seen the engine remembers everything, and would be done at once.
      const portrait = join(folder, 'one/portrait.png');
      await writeFile(portrait, await sharp(portrait).png({ compressionLevel: 1 }).toBuffer());
      const engines = await heldEngines(workbench.server);
      await explorerMenu(page, 'portrait.png', menuEntry);
      const frame = await panelFrame(page);
      const message = frame.locator('.running-message');
      await message.waitFor();
      // Killed before it has begun, it would cost nothing: another engine would do the work.
      await heldInTheMiddle(engines, async () => (await message.textContent()) !== 'Waiting for the engine');
      for (const pid of engines) process.kill(pid, 'SIGKILL');
      await frame.getByText(/was killed \(signal SIGKILL\)/).waitFor({ timeout: analysisLimit });
      await screenshot(page, 'extension-engine-killed');
      await frame.getByRole('button', { name: 'Try again' }).click();
      await wholeReport(frame);
      await runCommand(page, 'View: Close All Editors');
    });

    await t.test('weights are imported, renamed, removed and chosen in the list', async () => {
      await expand(page, 'one');
      await writeFile(join(folder, 'one/mine.onnx'), encodeModel(smallClassifier()));
      await explorerMenu(page, 'mine.onnx', 'Import Checkpoint...');
      await notified(page, /mine\.onnx is imported/);
      await runCommand(page, 'Inference Lens: Select Weights...');
      const list = page.locator('.quick-input-widget:visible');
      const press = async (action: string) => {
        const row = list.locator('.monaco-list-row').filter({ hasText: 'mine.onnx' });
        await row.hover();
        await row.locator(`.codicon-${action}`).last().click();
      };
      const rename = async (name: string) => {
        await press('edit');
        await list.getByText(/settings and lenses name the model by it/).waitFor();
        await list.locator('.quick-input-box input').fill(name);
        await page.keyboard.press('Enter');
      };
      // A name that is taken is refused, and the list is back while the message is still there.
      await rename('mobilenet_v2');
      await notified(page, /"mobilenet_v2" cannot be the id of a model/);
      await rename('e2e-renamed');
      await list.getByText('e2e-renamed').waitFor();
      await press('trash');
      assert.ok(await takeEntry(page.locator('.monaco-dialog-box').getByRole('button', { name: 'Remove' })));
      await list.getByText('Untrained demo weights').first().waitFor();
      assert.equal(await list.getByText('e2e-renamed').count(), 0);
      await pick(page, 'Untrained demo weights');
      await page.locator('.statusbar').getByText('demo weights').waitFor();
    });
  } finally {
    await close();
  }
});
