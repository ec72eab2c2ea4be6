/** Tests of files with any name, alone and together: they are analyzed, and their names are text. */
import assert from 'node:assert/strict';
import type { Frame } from 'playwright-core';
import { explorerMenu, explorerRow, notifications, pick, runCommand } from '../vscode/actions';
import { screenshot } from '../vscode/screenshot';
import {
  analysisLimit,
  analyzeFromExplorer,
  eventually,
  menuEntry,
  reportFrame,
  reportNames,
  type Session,
} from './session';

const [one, two, tag] = ['a b 100%.png', '#1 é 面.png', '<img src=x onerror=alert(1)> "q".png'] as const;

/** What its workspace holds. */
export const anyNames = [one, two, tag];

/** A click selects and opens nothing, which would take the selection along. */
export const anyNameSettings = { 'workbench.list.openMode': 'doubleClick' };

export async function anyName({ page, folder }: Session): Promise<void> {
  const dialogs: string[] = [];
  page.on('dialog', (dialog) => {
    dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  const isShown = async (frame: Frame, name: string): Promise<void> => {
    assert.equal(await frame.locator('h1').innerText(), name);
    await frame.getByRole('button', { name: 'Input and preprocessing' }).click();
    // Every picture that is in view has loaded, so no address was spoilt by the name.
    await eventually(
      () =>
        frame
          .locator('.preparation img')
          .evaluateAll((all) =>
            all.map((image) => (image as unknown as { naturalWidth: number }).naturalWidth),
          ),
      (widths) => widths.length >= 6 && widths.every((width) => width > 0),
      `pictures of ${name}`,
    );
    await runCommand(page, 'View: Close All Editors');
  };
  const before = (await reportNames(folder)).length;
  const reports = async () => (await reportNames(folder)).length - before;
  await isShown(await analyzeFromExplorer(page, tag), tag);
  assert.equal(await reports(), 1);

  await explorerRow(page, one).click();
  for (const name of [two, tag]) await explorerRow(page, name).click({ modifiers: ['ControlOrMeta'] });
  await explorerMenu(page, two, menuEntry);
  await notifications(page)
    .getByText(/[123] of 3: /)
    .waitFor();
  await screenshot(page, 'extension-several');
  const done = notifications(page).filter({ hasText: '3 of 3 images analyzed.' });
  await done.waitFor({ timeout: analysisLimit });
  assert.equal(await reports(), 1 + anyNames.length);
  await screenshot(page, 'extension-several-done');
  await done.getByText('Show Reports').click();
  await pick(page, two);
  const frame = await reportFrame(page);
  await isShown(frame, two);
  assert.deepEqual(dialogs, []);
}
