/** One layer up close in a page: channels page by page, numbers in cells, a pinned cursor, and what menus save and copy. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser, Locator } from 'playwright-core';
import type { FromPanel } from '../../../protocol/panel';
import type { Report } from '../../../protocol/report';
import type { LayerChannel } from '../../../protocol/requests';
import { startChromium } from '../vscode/launch';
import { writeFixture } from './fixture';
import { openPanel, type PanelPage } from './page';

let browser: Browser;
let folder: string;
let report: Report;
let panel: PanelPage;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lens-inspector-'));
  report = await writeFixture(folder);
  browser = await startChromium();
  panel = await openPanel(browser, { theme: 'light', width: 1000, height: 1000, folder });
  await panel.giveMaps(await readFile(join(folder, report.mapsFile)));
  await panel.send({ type: 'report', folder, base: panel.base, report, stale: [] });
});

after(async () => {
  await panel.close();
  await browser.close();
  await rm(folder, { recursive: true });
});

/** The last message of a type, once as many have come. */
async function sent<T extends FromPanel['type']>(
  type: T,
  count: number,
): Promise<Extract<FromPanel, { type: T }>> {
  for (let tries = 0; tries < 800; tries++) {
    const found = (await panel.received()).filter((message) => message.type === type);
    if (found.length >= count) return found.at(-1) as Extract<FromPanel, { type: T }>;
    await panel.page.waitForTimeout(25);
  }
  throw new Error(`The panel did not send ${count} of ${type}.`);
}

const layer = (): Report['layers'][number] => {
  const found = report.layers.find(({ name }) => name === 'conv_head');
  assert.ok(found);
  return found;
};

/** Opens the menu of a picture, which takes the focus. */
async function openMenu(picture: Locator): Promise<Locator> {
  await picture.click({ button: 'right' });
  const menu = panel.page.getByRole('menu', { name: /conv_head/ });
  await menu.locator(':focus').waitFor();
  return menu;
}

const valueAt = async (column: number, row: number): Promise<number> => {
  const { offset, width } = layer().heatmaps[0]!.map;
  const maps = await readFile(join(folder, report.mapsFile));
  return maps.readFloatLE(offset + 4 * (row * width + column));
};

test('a click pins the value under the cursor, Escape lets it go, and cells hold their numbers', async () => {
  const { page } = panel;
  await page.getByRole('option', { name: /conv_head/ }).click();
  const picture = page.getByRole('application', { name: /heatmap of conv_head/ });
  await picture.waitFor();
  const box = await picture.boundingBox();
  assert.ok(box);
  const { width, height } = layer().heatmaps[0]!.map;
  const [column, row] = [2, 3];
  const place = { x: ((column + 0.5) * box.width) / width, y: ((row + 0.5) * box.height) / height };
  await picture.click({ position: place });
  await page.mouse.move(box.x + box.width / 2, box.y - 40);
  const readout = page.locator('#readout');
  await readout.filter({ hasText: `pinned` }).waitFor();
  const shownText = (await readout.innerText()).replaceAll('\n', ' ');
  assert.match(shownText, new RegExp(`pinned.*cell ${column}, ${row}`));
  const shown = Number(/CAM (\S+)/.exec(shownText)?.[1]?.replace('−', '-'));
  const value = await valueAt(column, row);
  assert.ok(Math.abs(shown - value) <= 1e-2 * Math.abs(value) + 5e-5, `${shown}, in the file ${value}`);
  await picture.focus();
  for (let i = 0; i < 5; i++) await page.keyboard.press('+');
  const cells = page.locator('.cell-values span');
  await cells.first().waitFor();
  const most = Math.ceil(width / 1.5 ** 5 + 1) ** 2;
  assert.ok((await cells.count()) <= most, `${await cells.count()} cells of at most ${most}`);
  await page.keyboard.press('0');
  await page.keyboard.press('Escape');
  await readout.filter({ hasText: 'a click pins them' }).waitFor();
});

test('the menu of a picture: walked with the keyboard, saved with its color bar, its values and its script', async () => {
  const { page } = panel;
  const picture = page.getByRole('application', { name: /heatmap of conv_head/ });
  const menu = await openMenu(picture);
  assert.deepEqual(await menu.getByRole('menuitem').allInnerTexts(), [
    'Save as PNG with Color Bar...',
    'Save as SVG with Color Bar...',
    'Save Values as .npy...',
    'Copy Values',
    'Copy Values as CSV',
    'Copy Values as Markdown',
    'Copy as Python',
  ]);
  await page.keyboard.press('Enter');
  const png = await sent('save', 1);
  assert.equal(png.name, 'conv_head_gradcam.png');
  const bytes = Buffer.from(png.base64, 'base64');
  assert.equal(bytes.toString('latin1', 1, 4), 'PNG');
  assert.ok(bytes.readUInt32BE(16) > 380, 'the color bar stands beside the picture');
  await openMenu(picture);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  const svg = Buffer.from((await sent('save', 2)).base64, 'base64').toString('utf8');
  assert.match(svg, /<title>.*heatmap of conv_head<\/title>/);
  assert.equal(svg.match(/<text /g)?.length, 4);
  await openMenu(picture);
  await menu.getByRole('menuitem', { name: /npy/ }).click();
  const npy = Buffer.from((await sent('save', 3)).base64, 'base64');
  const { width, height } = layer().heatmaps[0]!.map;
  assert.match(npy.toString('latin1'), new RegExp(`\\(${height}, ${width}\\)`));
  assert.equal(npy.readFloatLE(npy.length - 4), await valueAt(width - 1, height - 1));
  await openMenu(picture);
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  const { subject, layer: name, method, channel } = await sent('copyPython', 1);
  assert.deepEqual(
    { subject, name, method, channel },
    { subject: 'heatmap', name: 'conv_head', method: 'gradcam', channel: null },
  );
  await panel.send({ type: 'notice', text: 'Copied a script for timm.', failed: false });
  const copied = page.getByRole('status').filter({ hasText: 'Copied a script for timm.' });
  await copied.waitFor();
  await page.getByRole('button', { name: 'Dismiss this message' }).click();
  await copied.waitFor({ state: 'detached' });
  await openMenu(picture);
  await page.keyboard.press('Escape');
  await menu.waitFor({ state: 'detached' });
});

test('the table of layers has a menu of its own', async () => {
  const { page } = panel;
  await page.getByRole('button', { name: 'Save or copy: Layers in the table' }).click();
  await page.getByRole('menuitem', { name: 'Copy Values' }).click();
  const { text } = await sent('copy', 1);
  assert.equal(text.split('\n')[0]?.split('\t')[0], 'layer');
  assert.equal(text.trim().split('\n').length, report.layers.length + 1);
});

test('all channels come page by page, each with weight and gradient; a click makes one large', async () => {
  const { page } = panel;
  const { width, height } = layer().heatmaps[0]!.map;
  const plane = Buffer.from(Float32Array.from({ length: width * height }, (_, i) => i).buffer).toString(
    'base64',
  );
  const channel = (index: number): LayerChannel => ({
    ...{
      index,
      weight: 0.5 - index / 100,
      contribution: index === 5 ? -0.1 : 0.1,
      width,
      height,
      map: plane,
    },
    gradient: { min: -0.25, max: 0.75, negative: 0.125 },
  });
  await page.getByText('Histogram and channels').click();
  await panel.waitFor('layerDetails');
  const histogram = { min: 0, max: 1, counts: [1, 2] };
  await panel.send({
    type: 'layerDetails',
    layer: 'conv_head',
    details: { layer: 'conv_head', histogram, channels: [] },
  });
  await page.getByRole('button', { name: 'All channels' }).click();
  assert.deepEqual(await sent('layerChannels', 1), { type: 'layerChannels', layer: 'conv_head', from: 0 });
  const first = Array.from({ length: 4 }, (_, i) => channel(i));
  await panel.send({
    type: 'layerChannels',
    page: { layer: 'conv_head', from: 0, total: 6, next: 4, channels: first },
  });
  const cards = page.locator('.channel-card');
  await cards.nth(3).waitFor();
  await page.getByText('4 of 6 channels').scrollIntoViewIfNeeded();
  await cards.nth(3).scrollIntoViewIfNeeded();
  assert.equal((await sent('layerChannels', 2)).from, 4, 'the next page as it comes near');
  await panel.send({
    type: 'layerChannels',
    page: { layer: 'conv_head', from: 4, total: 6, next: null, channels: [channel(4), channel(5)] },
  });
  await cards.nth(5).waitFor();
  assert.match(await cards.nth(2).innerText(), /#2[\s\S]*10\.0%[\s\S]*α 0\.4800[\s\S]*∇ −0\.2500 to 0\.7500/);
  await cards.nth(2).click();
  const large = page.getByRole('application', { name: /^Channel 2 of conv_head/ });
  await large.waitFor();
  await page.getByText('negative at 12.5% of the positions').waitFor();
  await large.focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await page.locator('#channel-readout').filter({ hasText: 'pinned cell' }).waitFor();
  await openMenu(large);
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  const asked = await sent('copyPython', 2);
  assert.deepEqual([asked.subject, asked.channel], ['channel', 2]);
  await page.evaluate(await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'));
  const found = await page.evaluate<readonly { readonly id: string }[]>(
    `axe.run('.inspector', { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'] }).then(({ violations }) => violations)`,
  );
  assert.deepEqual(
    found.map(({ id }) => id),
    [],
  );
  await panel.send({
    type: 'layerChannelsFailed',
    layer: 'conv_head',
    failure: { kind: 'image', code: 'image', message: 'x.png has changed.', fix: null },
  });
  await page.getByRole('alert').filter({ hasText: 'x.png has changed' }).waitFor();
  assert.deepEqual(panel.problems, []);
});

test('of a layer that is taken far down in the table the picture is in view', async () => {
  const { page } = panel;
  await page.setViewportSize({ width: 1000, height: 620 });
  await page.locator('tr[data-layer="block_30"]').click();
  const picture = page.getByRole('application', { name: /heatmap of block_30/ });
  await picture.waitFor();
  const head = Number.parseFloat(
    await page.evaluate<string>(`document.documentElement.style.getPropertyValue('--head')`),
  );
  const box = await picture.boundingBox();
  assert.ok(
    box && box.y >= head && box.y + box.height <= 620,
    `${JSON.stringify(box)}, under a head of ${head}`,
  );
  // What stands below it is in view after scrolling on.
  await page.mouse.wheel(0, 400);
  await page.getByText('Copy values', { exact: true }).click({ trial: true });
});
