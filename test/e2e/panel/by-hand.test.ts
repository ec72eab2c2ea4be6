/** The input edited in a page: faces chosen, a box drawn, strokes painted, by mouse and keyboard, and what is asked of the editor. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import type { FromPanel } from '../../../protocol/panel';
import type { FaceReport, Report } from '../../../protocol/report';
import type { Stroke } from '../../../protocol/strokes';
import { startChromium } from '../vscode/launch';
import { portrait, writeFixture } from './fixture';
import { openPanel, type PanelPage } from './page';

let browser: Browser;
let folder: string;
let report: Report;
let other: FaceReport;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lens-by-hand-'));
  const written = await writeFixture(folder);
  const [face] = written.detection.faces;
  assert.ok(face);
  other = { ...face, box: [40, 60, 140, 190], score: 0.71 };
  report = { ...written, detection: { ...written.detection, faces: [face, other] } };
  browser = await startChromium();
});

after(async () => {
  await browser.close();
  await rm(folder, { recursive: true });
});

type Sent<Type extends FromPanel['type']> = Extract<FromPanel, { type: Type }>;

/** Waits until the last message of a type is as it should be. */
async function last<Type extends FromPanel['type']>(
  panel: PanelPage,
  type: Type,
  fits: (message: Sent<Type>) => boolean,
): Promise<Sent<Type>> {
  for (let tries = 0; ; tries++) {
    const found = (await panel.received()).filter((message): message is Sent<Type> => message.type === type);
    const message = found.at(-1);
    if (message !== undefined && fits(message)) return message;
    if (tries > 200) throw new Error(`The panel sent ${JSON.stringify(message)}.`);
    await panel.page.waitForTimeout(50);
  }
}

const stageOf = (page: Page) => page.getByRole('application', { name: 'The input picture' });

/** Of the picture, in view, once nothing above it moves any more. */
async function placeOf(page: Page) {
  for (let last = '', tries = 0; ; tries++) {
    await stageOf(page).scrollIntoViewIfNeeded();
    const box = await stageOf(page).boundingBox();
    assert.ok(box && tries < 100);
    const now = JSON.stringify(box);
    if (now === last) return box;
    last = now;
    await page.waitForTimeout(100);
  }
}

async function drag(
  page: Page,
  from: readonly [number, number],
  to: readonly [number, number],
): Promise<void> {
  const box = await placeOf(page);
  const at = ([u, v]: readonly [number, number]) => [box.x + u * box.width, box.y + v * box.height] as const;
  await page.mouse.move(...at(from));
  await page.mouse.down();
  await page.mouse.move(...at([(from[0] + to[0]) / 2, (from[1] + to[1]) / 2]));
  await page.mouse.move(...at(to));
  await page.mouse.up();
}

test('a face is chosen, strokes are painted, and the verdict moves beside the picture', async () => {
  const panel = await openPanel(browser, { theme: 'dark', width: 1000, height: 900, folder });
  const { page } = panel;
  try {
    await panel.send({ type: 'report', folder, base: panel.base, report, stale: [] });
    await page.getByRole('button', { name: 'Edit input' }).click();
    // The button is gone: the picture has the focus.
    await page.locator('.hand-stage:focus').waitFor();
    await page.getByRole('button', { name: 'Face 1 of 2, 93.4%, analyzed' }).waitFor();
    const second = page.getByRole('button', { name: 'Face 2 of 2, 71.0%' });
    await second.focus();
    await page.keyboard.press('Enter');
    const chosen = await last(panel, 'verdict', ({ edit }) => edit.box !== null);
    assert.deepEqual(chosen.edit, { box: other.box, strokes: null });
    await page.keyboard.press('Control+z');
    await page.getByRole('button', { name: 'Redo' }).waitFor();

    await page.getByRole('button', { name: /^Color/ }).click();
    await drag(page, [0.3, 0.4], [0.6, 0.5]);
    const { asked, edit } = await last(panel, 'verdict', ({ edit: { strokes } }) => strokes?.length === 1);
    const [stroke] = edit.strokes ?? [];
    assert.ok(stroke && 'line' in stroke);
    assert.deepEqual(stroke.fill, { color: [128, 128, 128] });
    assert.ok(stroke.line.length >= 2);
    assert.deepEqual(edit.box, report.detection.faces[0]?.box, 'of the face, which is kept');

    const probabilities = [0.39, 0.61];
    const classifier = {
      ...report.classifier,
      probabilities,
      predicted: { index: 1, label: 'fake' },
      confidence: 0.61,
    };
    const verdict = { classifier, untrained: true, detector: 'box', faces: [], crop: report.detection.crop.box, edited: { strokes: 1, pixels: 9 } } as const; // oxfmt-ignore
    await panel.send({ type: 'verdict', asked, verdict });
    await page.getByText('real 92.8% → fake 61.0%').waitFor();
    await page.getByRole('row', { name: 'fake 7.2% 61.0% +53.8' }).waitFor();

    await page.getByRole('checkbox', { name: 'Keep the box' }).click();
    await last(panel, 'verdict', (message) => message.edit.box === null && message.edit.strokes !== null);
    await page.getByRole('button', { name: /^Blur/ }).click();
    await stageOf(page).focus();
    // The pen goes down, along, and up.
    for (const key of ['Space', 'ArrowRight', 'Alt+ArrowRight', 'Alt+ArrowDown', 'Space'])
      await page.keyboard.press(key);
    const points = (made: Stroke | undefined) =>
      made && 'line' in made && 'blur' in made.fill ? made.line.length : 0;
    const painted = await last(panel, 'verdict', (message) => points(message.edit.strokes?.[1]) >= 3);

    await page
      .getByRole('button', { name: 'Copy strokes as JSON, for --strokes of the command line' })
      .click();
    const { text } = await last(panel, 'copy', () => true);
    assert.deepEqual(JSON.parse(text), painted.edit.strokes);
    await page.getByRole('button', { name: 'Analyze', exact: true }).click();
    const analyzed = await last(panel, 'edit', () => true);
    assert.deepEqual(analyzed.edit, painted.edit);

    assert.deepEqual(panel.problems, []);
  } finally {
    await panel.close();
  }
});

test('where no face was found the picture opens, and a box is drawn by mouse and keyboard', async () => {
  const panel = await openPanel(browser, { theme: 'light', width: 320, height: 800, folder });
  const { page } = panel;
  try {
    // A report of an earlier run, with a face of its own, is not what the box is drawn for.
    await panel.send({ type: 'report', folder, base: panel.base, report, stale: [] });
    await panel.send({ type: 'loading', image: portrait, progress: null });
    const failure = {
      kind: 'image',
      message: 'No face found in portrait.png.',
      fix: null,
      code: 'no-face',
    } as const;
    await panel.send({ type: 'failed', failure });
    await panel.waitFor('filePicture');
    const png = await readFile(join(folder, report.detection.pictures.crop), 'base64');
    await panel.send({ type: 'filePicture', picture: { width: 760, height: 760, png } });
    await stageOf(page).waitFor();
    await page.getByText('No face was found. Draw a box around one: drag over the picture.').waitFor();
    await page.getByRole('button', { name: 'Analyze', exact: true, disabled: true }).waitFor();
    await drag(page, [0.25, 0.25], [0.5, 0.75]);
    const near = (value: number | undefined, expected: number) => Math.abs((value ?? 0) - expected) < 5;
    const drawn = [190, 190, 380, 570];
    const { edit } = await last(panel, 'verdict', ({ edit: { box } }) =>
      drawn.every((value, i) => near(box?.[i], value)),
    );
    const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] = edit.box ?? [];
    await stageOf(page).focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Shift+ArrowDown');
    const moved = await last(panel, 'verdict', (message) => (message.edit.box?.[3] ?? 0) > y1);
    assert.deepEqual(
      moved.edit.box,
      [x0 + 4, y0, x1 + 4, y1 + 4].map((value) => Math.round(value * 10) / 10),
    );
    const width = await page.evaluate<number>('document.documentElement.scrollWidth');
    assert.ok(width <= 320, `the page is ${width} pixels wide`);
    await page.getByRole('button', { name: 'Analyze', exact: true }).click();
    assert.deepEqual((await last(panel, 'edit', () => true)).edit, moved.edit);

    // A report for which nothing was drawn, such as of the whole image, has the view to itself.
    await panel.send({ type: 'loading', image: portrait, progress: null });
    await panel.send({ type: 'report', folder, base: panel.base, report, stale: [] });
    await stageOf(page).waitFor({ state: 'detached' });
    assert.deepEqual(panel.problems, []);
  } finally {
    await panel.close();
  }
});
