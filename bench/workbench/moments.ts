/**
 * When something becomes visible in VS Code: from the press of the mouse to the frame in which it is seen, both by the clock of the page. What
 * waits is in the page, forces no frame, and looks at no more than it has to: on two cores it would take its time from what is measured.
 */
import type { Frame, Page } from 'playwright-core';
import { fromExplorerMenu } from '../../test/e2e/vscode/actions';

const LIMIT_MS = 180_000;

/** Between two looks of the page, and of what asks the page. */
const LOOK_MS = 4;
const ASK_MS = 20;

/** A layer's map is painted, or its picture is loaded, as versions before 2 of the report had it. */
const HEATMAP = `(() => {
  const still = document.querySelector('.layer-still');
  return window.drawn !== undefined || (still !== null && still.complete && still.naturalWidth > 0);
})()`;

/** In a frame: what is painted on the first layer's canvas is looked at when it is painted, since reading pixels again and again takes a core. */
const DRAWN = `
  const { prototype } = CanvasRenderingContext2D;
  for (const name of ['putImageData', 'drawImage']) {
    const draw = prototype[name];
    prototype[name] = function (...given) {
      draw.apply(this, given);
      const { canvas } = this;
      if (!canvas.classList?.contains('layer-canvas')) return;
      const { data } = this.getImageData(canvas.width >> 1, 0, 1, canvas.height);
      if (data.some((value) => value > 0)) window.drawn = data.join();
    };
  }`;

/** What a page of ours, or the empty one, comes to show. */
const CONDITIONS = {
  shown: `document.querySelector('#root > *')?.getBoundingClientRect().width > 0`,
  verdict: `document.querySelector('.verdict-label') !== null`,
  rows: `document.querySelector('.verdict-label') !== null && document.querySelector('tr.layer') !== null`,
  heatmap: HEATMAP,
} as const;

export type Moment = keyof typeof CONDITIONS;

/** In a page: `painted()` is when the frame after this one begins, in milliseconds since 1970. */
const CLOCK = `
  const at = (time) => performance.timeOrigin + time;
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const painted = async () => { await frame(); await frame(); return at(performance.now()); };
  const pressed = ({ timeStamp }) => { window.pressed = at(timeStamp); };`;

/** In every page: keeps when the mouse was pressed last; within a frame also when each condition came to hold. */
const WATCH = `(() => {${CLOCK}
  addEventListener('pointerdown', pressed, true);
  if (window === top) return;
${DRAWN}
  const moments = (window.moments = {});
  const waiting = new Map([${Object.entries(CONDITIONS)
    .map(([name, holds]) => `['${name}', () => ${holds}]`)
    .join()}]);
  const end = performance.now() + ${LIMIT_MS};
  const look = () => {
    for (const [name, holds] of waiting) {
      if (!holds()) continue;
      waiting.delete(name);
      void painted().then((time) => (moments[name] = time));
    }
    if (waiting.size > 0 && performance.now() < end) setTimeout(look, ${LOOK_MS});
  };
  look();
})()`;

/** Begins to watch the pages of a window. */
export async function watch(page: Page): Promise<void> {
  await page.context().addInitScript(WATCH);
  await page.evaluate(WATCH);
}

/** When the mouse was pressed last. */
export const pressedAt = (of: Page | Frame): Promise<number> => of.evaluate<number>('window.pressed');

/** Takes an entry of a row's menu. @returns when it was pressed: opening the menu is not part of it */
export const clickEntry = (page: Page, row: string, entry: string): Promise<number> =>
  fromExplorerMenu(page, row, entry, async (shown) => {
    // A menu overlooks a click that comes too soon after it opened.
    await page.waitForTimeout(500);
    await shown.click();
    const pressed = await pressedAt(page);
    return shown.waitFor({ state: 'hidden', timeout: 2000 }).then(
      () => pressed,
      () => null,
    );
  });

const momentOf = (frame: Frame, moment: Moment): Promise<number | null> =>
  frame.evaluate<number | null>(`window.moments?.${moment} ?? null`);

/** The frame of a webview, as soon as it shows anything. */
export async function webview(page: Page): Promise<Frame> {
  const deadline = performance.now() + LIMIT_MS;
  while (performance.now() < deadline) {
    for (const frame of page.frames()) {
      const shown = frame.parentFrame() ? await momentOf(frame, 'shown').catch(() => null) : null;
      if (shown !== null) return frame;
    }
    await page.waitForTimeout(ASK_MS);
  }
  throw new Error('No webview is shown.');
}

/** @returns when it came about */
export async function when(frame: Frame, moment: Moment): Promise<number> {
  const deadline = performance.now() + LIMIT_MS;
  while (performance.now() < deadline) {
    const time = await momentOf(frame, moment);
    if (time !== null) return time;
    await new Promise((done) => setTimeout(done, ASK_MS));
  }
  throw new Error(`never: ${CONDITIONS[moment]}`);
}

/**
 * Presses something that changes the picture of the layer in view.
 * @param words that the page says of the other picture: the same one may be painted again before
 * @returns milliseconds until the other one is seen
 */
export async function untilChanged(frame: Frame, words: string, press: () => Promise<void>): Promise<number> {
  // A page that is written anew has lost its listener.
  await frame.evaluate(`(() => {${CLOCK}
    addEventListener('pointerdown', pressed, true);
    const before = window.drawn;
    const said = () => document.querySelector('#root')?.textContent.includes(${JSON.stringify(words)});
    window.changed = new Promise((done, fail) => {
      const end = performance.now() + ${LIMIT_MS};
      const look = () => {
        if (window.drawn !== before && said()) void painted().then(done);
        else if (performance.now() > end) fail(new Error('The picture did not change.'));
        else setTimeout(look, ${LOOK_MS});
      };
      look();
    });
  })()`);
  await press();
  const changed = await frame.evaluate<number>('window.changed');
  return changed - (await pressedAt(frame));
}
