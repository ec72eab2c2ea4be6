/** The Reports view as a user meets it: nothing in the workspace, the sample, rename, delete and undo, in two windows, and the list over a reload. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { notifications, notified, runCommand, takeEntry, takeFolder } from '../vscode/actions';
import { screenshot } from '../vscode/screenshot';
import { stored } from '../vscode/stored';
import { analyzeFromExplorer, eventually, openSession, reportFrame } from './session';

const OWN = 'server/data/User/globalStorage/inference-lens.inference-lens';

const rows = (page: Page) => page.locator('.pane', { hasText: 'Reports' }).locator('.monaco-list-row');

const showView = (page: Page) =>
  page.locator('.activitybar').getByRole('tab', { name: 'Inference Lens' }).click();

/** Right-clicks a report in the view. */
async function act(page: Page, name: string, entry: string): Promise<void> {
  await rows(page).filter({ hasText: name }).click({ button: 'right' });
  const wanted = page.locator('.context-view .monaco-menu').getByText(entry, { exact: true });
  await wanted.waitFor();
  assert.ok(await takeEntry(wanted), `the menu does not take ${entry}`);
}

const listed = (page: Page, count: number, when: string) =>
  eventually(
    () => rows(page).count(),
    (found) => found === count,
    `reports ${when}`,
  );

/** Takes a button of the notification that begins with `text`, which then is gone. */
async function answer(page: Page, text: string, button: RegExp): Promise<void> {
  const shown = notifications(page).filter({ hasText: text });
  await shown.hover();
  assert.ok(await takeEntry(shown.getByRole('button', { name: button })), `${text}: no ${String(button)}`);
}

test('reports are listed and lie in storage', { timeout: 600_000 }, async () => {
  const settings = { 'inferenceLens.weights': 'mobilenet_v2', 'inferenceLens.output': '' };
  const { page, folder, workbench, close } = await openSession({ settings });
  try {
    await showView(page);
    await page.getByText('Reports of analyzed images appear here.').waitFor();
    await runCommand(page, 'Inference Lens: Try the Sample');
    await reportFrame(page);
    const sample = rows(page).filter({ hasText: 'chelsea.png' });
    await sample.waitFor();
    assert.match(await sample.innerText(), /Egyptian cat|tabby/);
    await runCommand(page, 'View: Show Explorer');
    await runCommand(page, 'View: Close All Editors');
    await analyzeFromExplorer(page, 'portrait.png');
    assert.deepEqual(readdirSync(folder), ['portrait.png'], 'nothing for Source Control');
    await showView(page);
    await listed(page, 2, 'listed');
    await screenshot(page, 'reports-view');
    const other = await page.context().newPage();
    await other.goto(page.url(), { waitUntil: 'domcontentloaded' });
    await showView(other);
    await listed(other, 2, 'in another window');

    // By keyboard alone: F2 renames and Delete deletes the row with the focus, which the arrow keys move and select nothing with.
    await runCommand(page, 'Focus on Reports View');
    await page.keyboard.press('End');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('F2');
    await page.locator('.quick-input-widget:visible .quick-input-box input').fill('The drawn one');
    await page.keyboard.press('Enter');
    for (const window of [page, other]) await rows(window).filter({ hasText: 'The drawn one' }).waitFor();

    const kept = join(workbench.server.data, OWN, 'deleted');
    await runCommand(page, 'Focus on Reports View');
    await page.keyboard.press('End');
    await page.keyboard.press('Delete');
    for (const window of [page, other]) await listed(window, 1, 'after one was deleted');
    assert.equal(readdirSync(kept).length, 1);
    await screenshot(page, 'report-deleted');
    await answer(page, 'Deleted the report of chelsea.png.', /^Undo$/);
    for (const window of [page, other]) await listed(window, 2, 'after it was brought back');
    await act(other, 'chelsea.png', 'Delete Report...');
    for (const window of [page, other]) await listed(window, 1, 'after one was deleted in another window');
    await answer(other, 'Deleted the report of chelsea.png.', /^Clear Notification/);
    await eventually(
      () => Promise.resolve(readdirSync(kept)),
      (names) => names.length === 0,
      'files kept after the message was closed',
    );
    await other.close();

    // Of an unsaved report one picture is drawn, for this list; saving draws the others.
    const storage = join(workbench.server.data, OWN);
    const [unsaved = ''] = readdirSync(join(storage, 'reports')).filter((name) => !name.startsWith('.'));
    const layers = readdirSync(join(storage, 'reports', unsaved), { recursive: true, encoding: 'utf8' });
    assert.equal(layers.filter((name) => name.endsWith('overlay.png')).length, 1);
    mkdirSync(join(folder, 'saved', 'landmark'), { recursive: true });
    await act(page, 'The drawn one', 'Save Report...');
    const into = join(folder, 'saved');
    await takeFolder(page, { opensWith: folder, folder: into, holds: 'landmark', button: 'Save Here' });
    await notified(page, `Saved as ${into}/`);
    const saved = readdirSync(into).filter((name) => name !== 'landmark');
    assert.equal(saved.length, 1);
    const report = join(into, ...saved, 'result');
    const files = readdirSync(report, { recursive: true, encoding: 'utf8' });
    assert.ok(files.includes('report.md'));
    assert.ok(files.filter((name) => name.endsWith('overlay.png')).length > 10, 'heatmaps are drawn');
    assert.equal(
      'undrawn' in (JSON.parse(readFileSync(join(report, 'report.json'), 'utf8')) as object),
      false,
    );
    await runCommand(page, 'Inference Lens: Clean Up Reports...');
    await page
      .getByText(/There are no unsaved reports|Delete one unsaved report/)
      .first()
      .waitFor();
    await page.keyboard.press('Escape');
    await rows(page).filter({ hasText: 'The drawn one' }).waitFor();

    // The window comes back with the view that was shown.
    await stored(page, /activeviewletid.*inferenceLens/);
    await page.reload();
    await rows(page).filter({ hasText: 'The drawn one' }).click();
    await reportFrame(page);

    // What was saved is asked about; here is no trash, and it comes back all the same.
    await act(page, 'The drawn one', 'Delete Report...');
    const really = page.locator('.monaco-dialog-box').getByRole('button', { name: 'Delete' });
    assert.ok(await takeEntry(really), 'the dialog is not accepted');
    await listed(page, 0, 'after the saved one was deleted');
    assert.ok(!existsSync(report));
    await answer(page, 'Deleted the report of The drawn one.', /^Undo$/);
    await listed(page, 1, 'after it was brought back');
    assert.deepEqual(readdirSync(report, { recursive: true, encoding: 'utf8' }).sort(), files.sort());
  } finally {
    await close();
  }
});
