/** What a person does in the workbench: open files, run commands, use menus, look into a webview. */
import type { Frame, Locator, Page } from 'playwright-core';
import { screenshot } from './screenshot';

const quickInput = (page: Page): Locator => page.locator('.quick-input-widget:visible');

/** Types into the quick input and takes the row that shows `wanted`. */
async function choose(page: Page, text: string, wanted: string | RegExp): Promise<void> {
  const box = quickInput(page).locator('.quick-input-box input');
  await box.waitFor();
  await box.fill(text);
  await quickInput(page).locator('.monaco-list-row').filter({ hasText: wanted }).first().click();
}

/** Runs a command by its title, through the command palette. */
export async function runCommand(page: Page, title: string): Promise<void> {
  const box = quickInput(page).locator('.quick-input-box input');
  // A key can get lost while the window is laid out anew, or a view that has the focus is still loading.
  for (let tries = 0; tries < 5; tries++) {
    await page.keyboard.press('F1');
    const open = await box.waitFor({ timeout: 10_000 }).then(
      () => true,
      () => false,
    );
    if (open) break;
  }
  await choose(page, `>${title}`, title);
}

/** Opens a file by the end of its path, through quick open, which may not have found yet what was just written. */
export async function openFile(page: Page, path: string): Promise<void> {
  const [file = '', ...folders] = path.split('/').reverse();
  const row = quickInput(page)
    .locator('.monaco-list-row')
    .filter({ hasText: file })
    .filter({ hasText: folders.reverse().join('/') })
    .first();
  for (let tries = 0; tries < 10; tries++) {
    await runCommand(page, 'Go to File...');
    await quickInput(page).locator('.quick-input-box input').fill(path);
    const found = await row.waitFor({ timeout: 3000 }).then(
      () => true,
      () => false,
    );
    if (found) return row.click();
    await page.keyboard.press('Escape');
  }
  throw new Error(`Quick open does not find ${path}.`);
}

/** Takes the row that shows `wanted` in the quick pick that is open or about to. */
export async function pick(page: Page, wanted: string | RegExp): Promise<void> {
  await quickInput(page).locator('.monaco-list-row').filter({ hasText: wanted }).first().click();
}

/** The row of a file or folder in the explorer, by its exact name. */
export const explorerRow = (page: Page, name: string): Locator =>
  page
    .locator('.explorer-folders-view .monaco-list-row')
    .filter({ has: page.getByText(name, { exact: true }) });

/** Opens a folder of the explorer, unless it is open. A click that comes while the tree is being filled can get lost. */
export async function expand(page: Page, name: string): Promise<void> {
  const row = explorerRow(page, name);
  for (let tries = 0; tries < 10; tries++) {
    if ((await row.getAttribute('aria-expanded')) === 'true') return;
    await row.click();
    await page.waitForTimeout(500);
  }
  throw new Error(`The folder ${name} does not open in the explorer.`);
}

/**
 * Right-clicks in the explorer and takes an entry of the menu. An extension's entries come when VS Code has read its
 * manifest, a while after the window is there, so the menu is opened again until then.
 * @param take takes the entry, which is shown; null where it did not, and the menu is to be opened again
 */
export async function fromExplorerMenu<Taken>(
  page: Page,
  name: string,
  entry: string,
  take: (shown: Locator) => Promise<Taken | null>,
): Promise<Taken> {
  const wanted = page.locator('.context-view .monaco-menu').getByText(entry, { exact: true });
  for (let tries = 0; tries < 30; tries++) {
    await explorerRow(page, name).click({ button: 'right' });
    const there = await wanted.waitFor({ timeout: 1000 }).then(
      () => true,
      () => false,
    );
    const taken = there ? await take(wanted) : null;
    if (taken !== null) return taken;
    await page.keyboard.press('Escape');
  }
  throw new Error(`The menu of ${name} has no entry "${entry}".`);
}

export async function explorerMenu(page: Page, name: string, entry: string): Promise<void> {
  await fromExplorerMenu(page, name, entry, async (shown) => ((await takeEntry(shown)) ? true : null));
}

export async function setTheme(page: Page, title: string): Promise<void> {
  await runCommand(page, 'Preferences: Color Theme');
  await choose(page, title, title);
  await quickInput(page)
    .waitFor({ state: 'hidden' })
    .catch(() => undefined);
}

/** A menu or dialog overlooks a click that comes too soon after it opened, and stays: then it is clicked again. */
export async function takeEntry(entry: Locator): Promise<boolean> {
  for (let tries = 0; tries < 20; tries++) {
    await entry.click({ timeout: 2000 }).catch(() => undefined);
    const gone = await entry.waitFor({ state: 'hidden', timeout: 500 }).then(
      () => true,
      () => false,
    );
    if (gone) return true;
  }
  return false;
}

/**
 * Types a folder into the file dialog that is open or about to, and takes it. Until the dialog has read the folder it opens with, it
 * replaces what was typed; until it has read the folder that was typed, its button still means the one before.
 * @param opensWith the folder that the dialog opens with
 * @param holds what is in `folder`, and so shows that it was read
 */
export async function takeFolder(
  page: Page,
  { opensWith, folder, holds, button }: Readonly<Record<'opensWith' | 'folder' | 'holds' | 'button', string>>,
): Promise<void> {
  const dialog = quickInput(page);
  const box = dialog.locator('.quick-input-box input');
  const shows = async (path: string) => {
    for (let value = '', tries = 0; ; tries++) {
      value = await box.inputValue();
      if (value === `${path}/`) return;
      if (tries === 300) throw new Error(`The dialog shows ${value}, expected ${path}/`);
      await page.waitForTimeout(100);
    }
  };
  await shows(opensWith);
  await box.fill(`${folder}/`);
  await dialog.locator('.monaco-list-row', { hasText: holds }).waitFor();
  await shows(folder);
  if (!(await takeEntry(dialog.getByRole('button', { name: button }))))
    throw new Error(`The dialog does not accept ${folder}.`);
}

/** The inner document of a report panel: the `index`-th of those that are shown, counted from 0. */
export async function panelFrame(page: Page, index = 0, timeout = 90_000): Promise<Frame> {
  const deadline = Date.now() + timeout;
  for (;;) {
    const found: Frame[] = [];
    for (const frame of page.frames()) {
      const ours = frame.locator('#root > *').first();
      if (frame.parentFrame() && (await ours.isVisible().catch(() => false))) found.push(frame);
    }
    const frame = found[index];
    if (frame) return frame;
    if (Date.now() > deadline) {
      await screenshot(page, 'no-panel');
      throw new Error(`No report panel is shown (asked for number ${index}); see no-panel.png.`);
    }
    await page.waitForTimeout(100);
  }
}

/** The text of the editor's notifications. */
export const notifications = (page: Page): Locator =>
  page.locator('.notifications-toasts .notification-list-item');

/** Waits for a notification; where it does not come, says what the editor shows instead. */
export async function notified(page: Page, text: string | RegExp, timeout = 60_000): Promise<void> {
  const wanted = notifications(page).getByText(text).first();
  try {
    await wanted.waitFor({ timeout });
  } catch (error) {
    await screenshot(page, 'no-notification');
    const seen = page.locator('.notification-list-item, .monaco-dialog-box, .quick-input-widget:visible');
    const texts = JSON.stringify(await seen.allInnerTexts());
    throw new Error(`No notification with ${String(text)}; shown instead: ${texts}`, { cause: error });
  }
}
