/** Pictures of what a user would see, for people to look at; the folder is ignored by git. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';

export const screenshotFolder = join(process.cwd(), 'test/e2e/.out');

/** Writes `<name>.png` and returns its bytes. */
export async function screenshot(what: Page | Locator, name: string): Promise<Buffer> {
  await mkdir(screenshotFolder, { recursive: true });
  return what.screenshot({ path: join(screenshotFolder, `${name}.png`) });
}
