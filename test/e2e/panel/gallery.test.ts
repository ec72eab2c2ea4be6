/** Every state of the panel in every theme: no error, no breach of its policy; pictures for people to look at. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Browser } from 'playwright-core';
import type { Failure } from '../../../protocol/failure';
import type { ToPanel } from '../../../protocol/panel';
import type { Report } from '../../../protocol/report';
import { startChromium } from '../vscode/launch';
import { screenshot } from '../vscode/screenshot';
import { writeFixture } from './fixture';
import { openPanel, type PanelOptions, type PanelPage, type Theme } from './page';
import { STATE_NAMES, loading, messagesOf } from './states';

let browser: Browser;
let folder: string;
let report: Report;
let maps: Buffer;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lens-report-'));
  report = await writeFixture(folder);
  maps = await readFile(join(folder, report.mapsFile));
  browser = await startChromium();
});

after(async () => {
  await browser.close();
  await rm(folder, { recursive: true });
});

test('the panel’s own bundle stays under 250 kB, compressed', async () => {
  assert.ok(gzipSync(await readFile('dist/panel.js')).length < 250_000);
});

async function lead(panel: PanelPage, sent: readonly ToPanel[], name: string): Promise<void> {
  for (const message of sent) await panel.send(message);
  if (sent.some((message) => 'report' in message && message.report.mapsFile !== undefined)) {
    await panel.waitFor('maps');
    await panel.giveMaps(maps);
  }
  await panel.page.waitForLoadState('networkidle');
  await panel.page.locator('#root > main').waitFor();
  await screenshot(panel.page, name);
}

async function isSound(panel: PanelPage): Promise<void> {
  assert.deepEqual(panel.problems, []);
  assert.deepEqual(
    (await panel.received()).filter(({ type }) => type === 'problem'),
    [],
  );
}

/** A complete report, and what a reader does with it. */
async function show(
  options: Omit<PanelOptions, 'folder'>,
  name: string,
  check: (panel: PanelPage) => Promise<void>,
) {
  const panel = await openPanel(browser, { ...options, folder });
  try {
    await lead(panel, messagesOf(report, folder, panel.base).complete, name);
    await check(panel);
    await isSound(panel);
  } finally {
    await panel.close();
  }
}

test('every state', async (t) => {
  const panel = await openPanel(browser, { theme: 'dark', width: 1280, height: 900, folder });
  try {
    for (const name of STATE_NAMES)
      await t.test(name, async () => {
        // Nothing of the state before is left.
        await panel.send({ type: 'empty', reason: 'between two states' });
        await panel.page.getByText('between two states').waitFor();
        await lead(panel, messagesOf(report, folder, panel.base)[name], `panel-${name}`);
        await isSound(panel);
      });
  } finally {
    await panel.close();
  }
});

const views: readonly (readonly [Theme, number, number, string])[] = [
  ['light', 1440, 900, 'en'],
  ['dark', 550, 900, 'en'],
  ['high-contrast', 320, 640, 'en'],
  ['high-contrast-light', 720, 450, 'en'],
  // The longest words and the widest characters.
  ['light', 550, 900, 'de'],
  ['dark', 320, 640, 'de'],
  ['light', 320, 640, 'zh-cn'],
];

/** What makes the page wider than its window; what scrolls by itself may hold more. */
const BEYOND = `document.scrollingElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll('#root *')]
  .filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
  .filter((element) => !element.closest('.filmstrip, .layers, .menu-of-table, svg'))
  .map(({ tagName, className, textContent }) => tagName + ' ' + className + ': ' + textContent.slice(0, 40))`;

/** Words that do not fit into what they stand in. */
const CUT = `[...document.querySelectorAll('button, summary, label, h2, h3, h4, dt, .field-label, .badge, figcaption span')]
  .filter(({ scrollWidth, clientWidth, offsetWidth }) => offsetWidth > 0 && scrollWidth > clientWidth + 1)
  .filter((element) => getComputedStyle(element).display !== 'inline')
  .map(({ className, textContent }) => className + ': ' + textContent)`;

for (const [theme, width, height, language] of views)
  test(`nothing is cut off, and the page scrolls one way: ${theme}, ${width}, ${language}`, () => {
    const name = `panel-${theme}-${width}-${language}`;
    return show({ theme, width, height, language }, name, async ({ page }) => {
      assert.deepEqual(await page.evaluate(BEYOND), []);
      assert.deepEqual(await page.evaluate(CUT), []);
      if (height < 900) return;
      // The first screen: verdict, the picture, and the strip of all layers.
      for (const part of ['.verdict', '.viewport', '.color-bar', '.filmstrip']) {
        const box = await page.locator(part).first().boundingBox();
        assert.ok(box && box.y >= 0 && box.y + box.height <= height, `${part}: ${JSON.stringify(box)}`);
      }
      const picture = await page.locator('.viewport').boundingBox();
      assert.ok(picture && picture.width >= 400, `large: ${JSON.stringify(picture)}`);
      // The steps of the preprocessing, where three of them stand side by side.
      await page.setViewportSize({ width: 1000, height });
      await page.locator('.preparation-strip').click();
      await page.locator('.planes').waitFor();
      assert.deepEqual(await page.evaluate(CUT), []);
    });
  });

test('the values of a layer and the table are copied as they are', () =>
  show({ theme: 'light', width: 550, height: 900 }, 'panel-copy', async (panel) => {
    const { page, received } = panel;
    await page.getByRole('button', { name: /^Face: / }).click();
    await page.getByRole('button', { name: /^Labels: / }).click();
    const run = (await received()).flatMap((message) => (message.type === 'run' ? [message.command] : []));
    assert.deepEqual(run, ['selectDetector', 'selectLabels']);
    const copied = async () =>
      (await received()).flatMap((message) => (message.type === 'copy' ? [message.text] : []));
    await page.getByText('Copy values', { exact: true }).click();
    await screenshot(page, 'panel-copy-values');
    await page.getByRole('button', { name: 'CSV: copy heatmap before relu' }).click();
    await page.locator('.journey-tools').getByText('Copy', { exact: true }).click();
    await screenshot(page, 'panel-copy-table');
    await page.getByRole('button', { name: 'Markdown: copy layers in the table' }).click();
    while ((await copied()).length < 2) await page.waitForTimeout(50);
    const [values = '', table = ''] = await copied();
    const layer = report.layers.findLast(({ shape }) => shape.length === 4 && shape[2] === 12);
    const { offset, width, height } = layer?.heatmaps[0]?.map ?? { offset: 0, width: 0, height: 0 };
    const numbers = values.trim().split(/[,\s]+/);
    assert.equal(numbers.length, width * height);
    numbers.forEach((text, i) => assert.equal(Math.fround(Number(text)), maps.readFloatLE(offset + 4 * i)));
    assert.equal(table.trim().split('\n').length, 2 + report.layers.length);
  }));

test('what a failure says can be done has a button, and what it does not say has none', async () => {
  const panel = await openPanel(browser, { theme: 'dark', width: 800, height: 600, folder });
  const failed = (failure: Pick<Failure, 'message' | 'remedies'>): ToPanel => ({
    type: 'failed',
    failure: { kind: 'image', code: 'image', fix: null, ...failure },
  });
  const button = panel.page.getByRole('button', { name: /whole image/ });
  try {
    await panel.send(loading);
    const remedies = [{ do: 'other-detector' }, { do: 'whole-image' }, { do: 'install-cuda' }] as const;
    await panel.send(failed({ message: 'no face was found', remedies }));
    await button.click();
    await panel.waitFor('retry');
    await panel.page.getByRole('button', { name: 'Change detector…' }).click();
    await panel.waitFor('setting');
    await panel.page.getByRole('button', { name: 'Install CUDA libraries…' }).click();
    await panel.waitFor('run');
    await panel.send(failed({ message: 'expected a complete JPEG picture' }));
    await panel.page.getByText('expected a complete JPEG picture').waitFor();
    assert.equal(await button.count(), 0);
  } finally {
    await panel.close();
  }
});

test('a report whose inside is broken is said to be, and logged', async () => {
  const panel = await openPanel(browser, { theme: 'dark', width: 800, height: 600, folder });
  try {
    const broken = { ...report, layers: [{ name: 'x' }] } as unknown as Report;
    await panel.send({ type: 'report', folder, base: panel.base, report: broken, stale: [] });
    await panel.waitFor('problem');
    await panel.page.getByText('This report cannot be shown').waitFor();
  } finally {
    await panel.close();
  }
});
