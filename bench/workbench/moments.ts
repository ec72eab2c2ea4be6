/** When something becomes visible in VS Code, to the frame in which it does: the waiting is done in the page. */
import type { Frame, Page } from 'playwright-core';
import { fromExplorerMenu } from '../../test/e2e/vscode/actions';

const LIMIT_MS = 180_000;

/** Takes an entry of a row's menu. @returns when it was clicked, by `performance.now()`: opening the menu is not part of it */
export const clickEntry = (page: Page, row: string, entry: string): Promise<number> =>
  fromExplorerMenu(page, row, entry, async (shown) => {
    // A menu overlooks a click that comes too soon after it opened.
    await page.waitForTimeout(500);
    const clicked = performance.now();
    await shown.click();
    return shown.waitFor({ state: 'hidden', timeout: 2000 }).then(
      () => clicked,
      () => null,
    );
  });

/** The frame of a webview, as soon as it shows anything. */
export async function webview(page: Page): Promise<Frame> {
  const deadline = performance.now() + LIMIT_MS;
  while (performance.now() < deadline) {
    for (const frame of page.frames()) {
      if (!frame.parentFrame()) continue;
      const shown = frame.locator('#root > *').first();
      if (await shown.isVisible().catch(() => false)) return frame;
    }
    await page.waitForTimeout(5);
  }
  throw new Error('No webview is shown.');
}

/** Waits in the page, from frame to frame, until an expression holds. */
export async function until(frame: Frame, expression: string): Promise<void> {
  await frame.evaluate(`(async () => {
    const deadline = performance.now() + ${LIMIT_MS};
    while (!(${expression})) {
      if (performance.now() > deadline) throw new Error(${JSON.stringify(`never: ${expression}`)});
      await new Promise((done) => requestAnimationFrame(done));
    }
    await new Promise((done) => requestAnimationFrame(done));
  })()`);
}

export const VERDICT = `document.querySelector('.verdict-label') !== null`;

/** A layer's map is painted, or its picture is loaded, as versions before 2 of the report had it. */
export const HEATMAP = `(() => {
  const still = document.querySelector('.layer-still');
  if (still !== null && still.complete && still.naturalWidth > 0) return true;
  const canvas = document.querySelector('.layer-canvas');
  if (canvas === null) return false;
  const [, , , alpha] = canvas.getContext('2d').getImageData(canvas.width >> 1, canvas.height >> 1, 1, 1).data;
  return alpha > 0;
})()`;

/** The first layer's picture as it is now, for `until` to see it change. */
export const remember = `window.before = document.querySelector('.layer-canvas').toDataURL()`;
export const CHANGED = `document.querySelector('.layer-canvas')?.toDataURL() !== window.before`;
