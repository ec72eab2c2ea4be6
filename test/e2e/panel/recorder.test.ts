/** The flight recorder in a page: cards walked with the keyboard, pictures requested once, and what an older report has to say. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import type { Report } from '../../../protocol/report';
import { startChromium } from '../vscode/launch';
import { writeFixture } from './fixture';
import { openPanel } from './page';

let browser: Browser;
let folder: string;
let report: Report;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lens-recorder-'));
  report = await writeFixture(folder);
  browser = await startChromium();
});

after(async () => {
  await browser.close();
  await rm(folder, { recursive: true });
});

test('steps are walked with the arrow keys, and each is drawn once', async () => {
  const panel = await openPanel(browser, { theme: 'light', width: 700, height: 900, folder });
  const { page } = panel;
  const png = await readFile(join(folder, report.detection.pictures.crop), 'base64');
  try {
    await panel.send({ type: 'report', folder, base: panel.base, report, stale: [] });
    await page.getByRole('button', { name: 'Input and preprocessing' }).click();
    const cards = page.getByRole('tab');
    await cards.first().waitFor();
    assert.equal(await cards.count(), report.preprocess.steps.length);
    await cards.first().focus();
    await page.keyboard.press('Enter');
    await page.getByRole('tabpanel').waitFor();
    await panel.waitFor('stepPictures');
    const size = { width: 380, height: 380 };
    const pictures = [{ name: 'output', title: 'Resize', png, ...size }];
    await panel.send({ type: 'stepPictures', step: 0, pictures });
    const drawn = page.getByRole('img', { name: 'After Resize: Resize' });
    await drawn.waitFor();
    // As it was drawn, byte for byte.
    await drawn.click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Save as PNG...' }).click();
    await panel.waitFor('save');
    const saved = (await panel.received()).find((message) => message.type === 'save');
    assert.deepEqual(saved, { type: 'save', name: 'Resize_output.png', base64: png });
    await page.getByRole('tab', { selected: true }).focus();
    await page.keyboard.press('ArrowRight');
    await page.getByRole('tab', { selected: true, name: /^2\. Rescale/ }).waitFor();
    // The focus goes along.
    await page.locator(':focus', { hasText: /^2\. Rescale/ }).waitFor();
    const failure = {
      kind: 'image',
      code: 'image',
      message: 'x.png has changed since the report was written.',
      fix: null,
    } as const;
    await panel.send({ type: 'stepPicturesFailed', step: 1, failure });
    await page.getByRole('alert').filter({ hasText: 'has changed' }).waitFor();
    await page.keyboard.press('ArrowLeft');
    await drawn.waitFor();
    const asked = (await panel.received()).filter(({ type }) => type === 'stepPictures');
    assert.deepEqual(
      asked.map((message) => 'step' in message && message.step),
      [0, 1],
    );
    const mean = report.preprocess.steps[0]?.channels[0]?.mean;
    assert.equal(
      await page.getByRole('tabpanel').getByRole('row', { name: /^red/ }).count(),
      1,
      String(mean),
    );
    assert.deepEqual(panel.problems, []);
  } finally {
    await panel.close();
  }
});

test('a report of version 1 says that it did not record its steps', async () => {
  const panel = await openPanel(browser, { theme: 'dark', width: 500, height: 900, folder });
  const old = { ...report, preprocess: { ...report.preprocess, steps: [] } };
  try {
    await panel.send({ type: 'report', folder, base: panel.base, report: old, stale: [] });
    await panel.page.getByRole('button', { name: 'Input and preprocessing' }).click();
    await panel.page.getByText('written by a version that did not record them').waitFor();
    assert.equal(await panel.page.getByRole('tab').count(), 0);
  } finally {
    await panel.close();
  }
});
