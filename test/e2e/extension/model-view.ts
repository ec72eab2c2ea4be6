/** Tests of the model view as a user meets it: from the menu of a file, by keyboard, narrow, in high contrast, and of a file that is none. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { encodeModel } from '../../../server/src/onnx/write';
import { smallClassifier } from '../../support/small-classifier';
import { explorerMenu, panelFrame, runCommand, setTheme } from '../vscode/actions';
import { screenshot } from '../vscode/screenshot';
import { eventually, VIEWPORT, type Session } from './session';

/** What its workspace holds: a name, and what it is copied from. */
export function modelSources(place: string): Readonly<Record<string, string>> {
  const [small, broken] = [join(place, 'small.onnx'), join(place, 'broken.onnx')];
  writeFileSync(small, encodeModel(smallClassifier({ spoil: NaN })));
  writeFileSync(broken, 'no model');
  const mobilenet = 'models/mobilenet_v2/mobilenet_v2-b0353104.pth';
  return { 'small.onnx': small, 'broken.onnx': broken, 'mobilenet_v2.pth': mobilenet };
}

export async function modelView(t: TestContext, { page }: Session): Promise<void> {
  await t.test('a graph, with the origin of each value of its lens and its weights', async () => {
    await explorerMenu(page, 'small.onnx', 'Show Model');
    const frame = await panelFrame(page);
    await frame.getByRole('heading', { name: 'small.onnx' }).waitFor();
    await frame.getByText('Statistics of all 4 weights are read.').waitFor({ timeout: 60_000 });
    const text = await frame.locator('main').innerText();
    for (const words of ['image float32 1 × 3 × 64 × 64', 'input.layout', 'the graph proves it', 'a guess'])
      assert.ok(text.includes(words), `${words} in\n${text}`);
    assert.match(text, /669 parameters/);
    const tree = frame.getByRole('treegrid');
    await tree.focus();
    await page.keyboard.press('End');
    await frame
      .getByRole('complementary')
      .getByText(/mean .* · std/)
      .waitFor();
    await frame.locator('.row', { hasText: 'w2' }).getByText('NaN or infinite').waitFor();
    await screenshot(page, 'model-onnx');
  });

  await t.test('a checkpoint, by keyboard', async () => {
    await runCommand(page, 'View: Close All Editors');
    await explorerMenu(page, 'mobilenet_v2.pth', 'Show Model');
    const frame = await panelFrame(page);
    await frame.getByText('torchvision/mobilenet_v2').first().waitFor();
    await frame.getByText('602 MFLOPs for one picture').waitFor({ timeout: 60_000 });
    const tree = frame.getByRole('treegrid');
    await tree.focus();
    const rows = async () => Number(await tree.getAttribute('aria-rowcount'));
    const before = await rows();
    await page.keyboard.press('Home');
    for (const key of ['ArrowDown', 'ArrowDown', 'ArrowRight']) await page.keyboard.press(key);
    await eventually(rows, (count) => count > before, 'rows after a module was opened');
    await page.keyboard.press('ArrowLeft');
    await eventually(rows, (count) => count === before, 'rows after it was closed');
    await frame.getByRole('button', { name: 'Expand all' }).click();
    await eventually(rows, (count) => count > 400, 'rows of everything');
    assert.ok((await frame.locator('.body .row').count()) < 150, 'only rows in view are on the page');
    await screenshot(page, 'model-checkpoint');
    await setTheme(page, 'Light High Contrast');
    await screenshot(page, 'model-high-contrast');
  });

  await t.test('a file that is none says what it is and what to do', async () => {
    await runCommand(page, 'View: Close All Editors');
    await explorerMenu(page, 'broken.onnx', 'Show Model');
    const frame = await panelFrame(page);
    const alert = frame.getByRole('alert');
    await alert.getByText(/broken\.onnx/).waitFor();
    await alert.getByRole('button', { name: 'Try again' }).waitFor();
    assert.match(await alert.innerText(), /Export or download it again/);
    await page.setViewportSize({ width: 620, height: 700 });
    await screenshot(page, 'model-broken');
  });

  await t.test('narrow', async () => {
    await runCommand(page, 'View: Close All Editors');
    await explorerMenu(page, 'small.onnx', 'Show Model');
    const frame = await panelFrame(page);
    await frame.getByText('Statistics of all 4 weights are read.').waitFor({ timeout: 60_000 });
    const overflow = await frame.evaluate('document.documentElement.scrollWidth - window.innerWidth');
    assert.ok(Number(overflow) <= 0, `${String(overflow)} px wider than the page`);
    await screenshot(page, 'model-narrow');
  });
  await page.setViewportSize(VIEWPORT);
  await setTheme(page, 'Dark Modern');
  await runCommand(page, 'View: Close All Editors');
}
