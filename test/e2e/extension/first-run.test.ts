/** The first analysis in a fresh VS Code: one question, remembered, and a true answer; another class is found by typing its name. */
import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { temporaryFolder } from '../../support/temp';
import { explorerMenu, notifications, panelFrame, pick, runCommand } from '../vscode/actions';
import { screenshot } from '../vscode/screenshot';
import {
  analyzeFromExplorer,
  eventually,
  menuEntry,
  openSession,
  reportFrame,
  reportNames,
  wholeReport,
} from './session';
import { stateDicts } from './state-dict';

const temporary = temporaryFolder('e2e-first-run');
const question = 'Which network should analyze your pictures?';
const quick = (page: Page) => page.locator('.quick-input-widget:visible');

test(
  'the first analysis asks once which network is meant, and remembers',
  { timeout: 600_000 },
  async (t) => {
    const files = ['chelsea.png', 'coffee.png'];
    const session = await openSession({
      files,
      sources: Object.fromEntries(files.map((name) => [name, `samples/${name}`])),
      settings: { 'inferenceLens.weights': null },
    });
    const { page, folder, close } = session;
    try {
      await t.test('who closes the question gets no analysis, and is asked again', async () => {
        await explorerMenu(page, 'chelsea.png', menuEntry);
        await quick(page).getByText(question).waitFor({ timeout: 60_000 });
        for (const choice of ['ImageNet', 'FSBI', 'My own model...'])
          await quick(page).locator('.monaco-list-row').filter({ hasText: choice }).first().waitFor();
        await screenshot(page, 'extension-first-run');
        await page.keyboard.press('Escape');
        await quick(page)
          .waitFor({ state: 'detached' })
          .catch(() => undefined);
        assert.deepEqual((await readdir(folder)).sort(), files);
      });

      await t.test('the chosen network gives a true answer, and nothing else is asked', async () => {
        await explorerMenu(page, 'chelsea.png', menuEntry);
        await quick(page).getByText(question).waitFor();
        await pick(page, 'ImageNet');
        const frame = await reportFrame(page, 120_000);
        await frame.locator('.verdict').getByText('Egyptian cat').first().waitFor();
        assert.equal(await page.locator('.monaco-dialog-box').count(), 0);
        assert.equal(await notifications(page).count(), 0);
        await screenshot(page, 'extension-first-report');
      });

      await t.test('the second analysis asks nothing', async () => {
        await runCommand(page, 'View: Close All Editors');
        const frame = await analyzeFromExplorer(page, 'coffee.png');
        await frame.locator('.verdict').getByText('espresso').first().waitFor();
        assert.equal(await quick(page).count(), 0);
      });

      await t.test('another class is found by typing a part of its name', async () => {
        const frame = await panelFrame(page);
        await frame.getByRole('button', { name: 'Choose a class by its name...' }).click();
        await quick(page).getByText('Which class should the heatmaps explain?').waitFor();
        await quick(page).locator('.quick-input-box input').fill('coffee mu');
        await screenshot(page, 'extension-target-by-name');
        await pick(page, 'coffee mug');
        // The report before stays in view until there is another.
        await eventually(
          () =>
            frame
              .getByRole('combobox', { name: 'Target class' })
              .evaluate((element) => (element as unknown as { value: string }).value),
          (value) => value === 'coffee mug',
          'the target',
        );
        await wholeReport(frame);
        await eventually(
          () => reportNames(folder),
          (reports) => reports.length === 3,
          'reports',
        );
      });

      await t.test('from a layer to the line of Python that makes its module', async () => {
        await writeFile(
          join(folder, 'net.py'),
          'class Net(nn.Module):\n  def __init__(self):\n    self.features = layers()\n',
        );
        const frame = await panelFrame(page);
        await frame.getByText('Go to source').click();
        await page.locator('.tab.active', { hasText: 'net.py' }).waitFor();
        await page.locator('.view-lines').getByText('self.features').waitFor();
      });

      // In this window, since it is open.
      await t.test('several state dicts: asked in the panel, also after a reload', () =>
        stateDicts(session, temporary),
      );
    } finally {
      await close();
    }
  },
);
