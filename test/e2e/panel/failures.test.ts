/** How a run ended stays where the reader is, and a report that cannot be shown says why; pictures for people to look at. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import type { Failure } from '../../../protocol/failure';
import type { ToPanel } from '../../../protocol/panel';
import type { Report } from '../../../protocol/report';
import { startChromium } from '../vscode/launch';
import { screenshot } from '../vscode/screenshot';
import { portrait, writeFixture } from './fixture';
import { openPanel, type PanelPage, type Theme } from './page';

let browser: Browser;
let folder: string;
let report: Report;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lens-report-'));
  report = await writeFixture(folder);
  browser = await startChromium();
});

after(async () => {
  await browser.close();
  await rm(folder, { recursive: true });
});

const failure: Failure = {
  kind: 'model',
  code: 'model',
  message: '/models/weights.onnx: expected 3 channels, found 4.',
  fix: 'Choose weights with the command “Inference Lens: Select Weights...”.',
  remedies: [{ do: 'choose-weights' }],
};
const loading: ToPanel = { type: 'loading', image: portrait, progress: null };
const failed: ToPanel = { type: 'failed', failure };
const complete = ({ base }: PanelPage): ToPanel => ({ type: 'report', folder, base, report, stale: [] });

/** Runs in the page. */
const scrollToEnd = 'document.scrollingElement.scrollTo(0, 1e6)';
const focused = `document.activeElement?.closest('vscode-button')?.textContent.trim() ?? document.activeElement?.tagName`;

for (const [theme, width, height] of [
  ['light', 1280, 800],
  ['dark', 1280, 800],
  ['dark', 550, 640],
  ['high-contrast', 550, 640],
] as const satisfies readonly (readonly [Theme, number, number])[])
  test(`a failure is in view wherever the reader has scrolled: ${theme}, ${width} wide`, async () => {
    const panel = await openPanel(browser, { theme, width, height, folder });
    const { page } = panel;
    try {
      await panel.send(complete(panel));
      await page.getByRole('button', { name: 'Open report.json' }).waitFor();
      await page.evaluate(scrollToEnd);
      await panel.send(loading);
      await panel.send(failed);
      const alert = page.getByRole('alert');
      await alert.getByText(failure.message).waitFor();
      await page.waitForTimeout(100);
      await screenshot(page, `panel-banner-${theme}-${width}`);
      const box = await alert.boundingBox();
      assert.ok(box && box.y >= 0 && box.y + box.height <= height, JSON.stringify(box));
      const scrolled = await page.evaluate<number>('document.scrollingElement.scrollTop');
      assert.ok(scrolled > 300, `still at the end: ${scrolled}`);
      assert.ok(box.y + box.height < 0.75 * height, 'the report keeps room');
      assert.deepEqual(panel.problems, []);
    } finally {
      await panel.close();
    }
  });

test('the keyboard reaches it and dismisses it; the focus stays in the panel and the editor hears of it', async () => {
  const panel = await openPanel(browser, { theme: 'dark', width: 900, height: 700, folder });
  const { page } = panel;
  try {
    for (const message of [complete(panel), loading, failed]) await panel.send(message);
    await page.getByRole('alert').waitFor();
    const reached: string[] = [];
    for (let i = 0; i < 30 && reached.at(-1) !== 'Dismiss'; i++) {
      await page.keyboard.press('Tab');
      reached.push(await page.evaluate<string>(focused));
    }
    for (const button of ['Try again', 'Select weights…', 'Show log', 'Dismiss'])
      assert.ok(reached.includes(button), `${button} in ${reached.join(', ')}`);
    await page.keyboard.press('Enter');
    await panel.waitFor('dismiss');
    await page.getByRole('alert').waitFor({ state: 'detached' });
    await page.locator('h1:focus').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Open report.json' }).count(), 1);
    assert.deepEqual(panel.problems, []);
  } finally {
    await panel.close();
  }
});

test('another run replaces it, and so does a report', async () => {
  const panel = await openPanel(browser, { theme: 'dark', width: 900, height: 700, folder });
  const alert = panel.page.getByRole('alert');
  try {
    for (const message of [complete(panel), failed]) await panel.send(message);
    await alert.waitFor();
    await panel.send(loading);
    await alert.waitFor({ state: 'detached' });
    await panel.send({
      type: 'failed',
      failure: { kind: 'cancelled', code: 'cancelled', message: 'Cancelled.', fix: null },
    });
    await panel.page.getByRole('heading', { name: 'Cancelled' }).waitFor();
    await panel.send(complete(panel));
    await alert.waitFor({ state: 'detached' });
  } finally {
    await panel.close();
  }
});

for (const theme of ['light', 'dark'] as const)
  test(`a report that cannot be read: ${theme}`, async () => {
    const panel = await openPanel(browser, { theme, width: 700, height: 500, folder });
    const { page } = panel;
    const message = '/work/report.json: expected "input.path" to be a text; found an object.';
    const fix = 'Analyze the image again to get a new report.';
    try {
      await panel.send({ type: 'unreadable', failure: { kind: 'usage', code: 'usage', message, fix } });
      await page.getByRole('heading', { name: 'This report cannot be shown' }).waitFor();
      assert.equal(await page.getByRole('alert').innerText(), message);
      await page.getByText(fix).waitFor();
      await screenshot(page, `panel-unreadable-${theme}`);
      await page.getByRole('button', { name: 'Open as text' }).click();
      await panel.waitFor('open');
      // The next good one is shown as if nothing had been.
      await panel.send(complete(panel));
      await page.getByRole('button', { name: 'Open report.json' }).waitFor();
      assert.deepEqual(panel.problems, []);
    } finally {
      await panel.close();
    }
  });
