/** First results stage by stage: nothing moves, flickers or is lost while they come; a run that ends early keeps them. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import type { ToPanel } from '../../../protocol/panel';
import type { Report } from '../../../protocol/report';
import type { PartialReport } from '../../../protocol/requests';
import { patience, startChromium } from '../vscode/launch';
import { portrait, writeFixture } from './fixture';
import { openPanel, sent, type PanelPage } from './page';

let browser: Browser;
let folder: string;
let report: Report;
let maps: Buffer;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lens-stages-'));
  report = await writeFixture(folder);
  maps = await readFile(join(folder, report.mapsFile));
  browser = await startChromium();
});

after(async () => {
  await browser.close();
  await rm(folder, { recursive: true });
});

const progress = (message: string): ToPanel => ({
  type: 'loading',
  image: portrait,
  progress: { step: 'explain', done: ['input'], fraction: 0.4, message },
});

/** What is told of one run, in order, up to its report. */
function messages(base: string): Record<'input' | 'steps' | 'numbers' | 'drawn' | 'report', ToPanel> {
  const { input, detection, preprocess, classifier, model, device, target, methods, layers, mapsFile } =
    report;
  const partial = (part: PartialReport): ToPanel => ({ type: 'partial', folder: '/run', base, report: part });
  const undrawn = layers.map((layer) => ({
    ...layer,
    heatmaps: layer.heatmaps.map((heatmap) => ({ ...heatmap, blank: null })),
  }));
  const { warnings } = report;
  return {
    input: partial({ input, device, methods, warnings }),
    steps: partial({ detection, preprocess, model }),
    numbers: partial({ target, classifier, mapsFile, layers: undrawn }),
    drawn: partial({ layers }),
    report: { type: 'report', folder, base, report, stale: [] },
  };
}

/** What these tests ask of an element of the page. */
interface Shown {
  readonly className: string;
  readonly isConnected: boolean;
  readonly ownerDocument: { readonly activeElement: unknown };
  getBoundingClientRect(): Readonly<Record<'x' | 'y' | 'width', number>>;
  toDataURL(): string;
}

/** Where every section and row is, in pixels of the page; the last section only comes with the report. */
const places = ({ page }: PanelPage) =>
  page
    .locator('.section:not(.about), .header, .preparation, .filmstrip, .stage, tr.layer')
    .evaluateAll((all) =>
      (all as unknown as readonly Shown[]).map((element) => {
        const { x, y, width } = element.getBoundingClientRect();
        return [element.className, ...[x, y, width].map((value) => Math.round(value))].join(' ');
      }),
    );

/** Runs in the page: records what a screen reader announces. */
const listen = `
  window.announced = [];
  new MutationObserver(() => {
    const text = document.querySelector('[role=status].unseen')?.textContent ?? '';
    if (text !== (window.announced.at(-1) ?? '')) window.announced.push(text);
  }).observe(document.body, { subtree: true, childList: true, characterData: true });
`;

/** Runs in the page: how everything moves that never stops by itself, within the toolkit's elements too. */
const endless = `(() => {
  const roots = (root) => [root, ...[...root.querySelectorAll('*')].flatMap((each) => each.shadowRoot ? roots(each.shadowRoot) : [])];
  const effects = new Set(roots(document).flatMap((root) => root.getAnimations()).map(({ effect }) => effect));
  return [...effects]
    .filter((effect) => effect.getTiming().iterations === Infinity)
    .map((effect) => effect.getKeyframes()[0].easing);
})()`;

/** What is read twice with nothing changed between, once all that was to come has come. */
async function settled<T>({ page }: PanelPage, read: () => Promise<T>): Promise<T> {
  for (let last = JSON.stringify(await read()), tries = 0; tries < 100; tries++) {
    await page.waitForTimeout(200);
    const now = await read();
    if (JSON.stringify(now) === last) return now;
    last = JSON.stringify(now);
  }
  throw new Error('The panel does not come to rest.');
}

const imagesShown = async ({ page }: PanelPage): Promise<number> =>
  page
    .locator('.preparation img')
    .evaluateAll(
      (all) => all.filter((image) => (image as unknown as { naturalWidth: number }).naturalWidth > 0).length,
    );

for (const [size, width, height] of [
  ['wide', 1280, 900],
  ['narrow', 480, 900],
] as const) {
  test(`nothing moves and nothing is lost from stage to stage: ${size}`, async () => {
    const panel = await openPanel(browser, { theme: 'dark', width, height, folder });
    const { page } = panel;
    await page.evaluate(listen);
    try {
      const run = messages(panel.base);
      await panel.send({ type: 'loading', image: portrait, progress: null });
      await page.getByRole('button', { name: 'Cancel' }).waitFor();
      await panel.send(run.input);
      await page.getByAltText('The input image').waitFor();
      await panel.send(run.steps);
      await page.getByAltText('The face, cut out and resized').waitFor();
      assert.equal(await page.locator('tr.layer').count(), 0);
      assert.equal(await page.locator('.steps .step-now').count(), 0, 'no step was told yet');
      await panel.send(progress('Grad-CAM of 46 layers on cpu'));
      await page.locator('.steps .step-now').waitFor();
      const turning = await page.evaluate<string[]>(endless);
      assert.ok(turning.length > 0);
      for (const easing of turning) assert.match(easing, /^steps\(/, 'the network needs the cores');

      await panel.send(run.numbers);
      await page.locator('tr.layer').first().waitFor();
      await panel.waitFor('maps');
      await panel.giveMaps(maps);
      // The reader takes a layer, moves down to it, and reads.
      const table = page.getByRole('grid', { name: 'Layers' });
      const row = page.locator('tr[data-layer="block_06"]');
      await table.focus();
      await page.keyboard.press('Home');
      for (let i = 0; i < 8; i++) await page.keyboard.press('ArrowDown');
      await row.waitFor();
      await page.locator('.layer-canvas').first().waitFor();
      await page.mouse.move(0, 0); // no crosshair and no hover, whatever comes to lie under it
      const before = await settled(panel, () => places(panel));
      const [canvas] = await page.locator('.layer-canvas').elementHandles();
      assert.ok(canvas);
      const pixels = () =>
        canvas.evaluate((element) => {
          const shown = element as unknown as Shown;
          return [shown.isConnected, shown.toDataURL()] as const;
        });
      const picture = await settled(panel, pixels);
      const held = async (stage: string) => {
        await page.waitForTimeout(80);
        assert.deepEqual(await places(panel), before, stage);
        assert.equal(await row.getAttribute('aria-selected'), 'true', stage);
        assert.ok(
          await table.evaluate(
            (element) => element === (element as unknown as Shown).ownerDocument.activeElement,
          ),
          `focus: ${stage}`,
        );
        assert.deepEqual(await pixels(), picture, `picture: ${stage}`);
      };
      await panel.send(progress('drawing conv_stem'));
      await held('progress');
      await panel.send(run.drawn);
      await held('drawn');
      assert.equal(await settled(panel, () => imagesShown(panel)), 3);
      await panel.send(run.report);
      await page.getByRole('button', { name: 'Open report.json' }).waitFor();
      await held('report');
      const asked = (await panel.received()).flatMap((message) =>
        message.type === 'maps' ? message.slices.map(({ offset }) => offset) : [],
      );
      assert.equal(new Set(asked).size, asked.length, 'no map is asked for twice');
      assert.ok(asked.length < 2 * 46, 'only those of rows in view');
      const announced = await page.evaluate<readonly string[]>('window.announced');
      assert.equal(announced.length, 4, announced.join(' | '));
      assert.deepEqual(panel.problems, []);
    } finally {
      await panel.close();
    }
  });
}

test('until the reader takes a layer, the one that says most so far is shown; then it stays', async () => {
  const panel = await openPanel(browser, { theme: 'dark', width: 1280, height: 900, folder });
  const { page } = panel;
  const shown = () => page.locator('.inspector h3').innerText();
  const run = messages(panel.base);
  const blanked = (name: string): ToPanel => ({
    type: 'partial',
    folder: '/run',
    base: panel.base,
    report: {
      layers: report.layers
        .filter((layer) => layer.name === name)
        .map((layer) => ({ ...layer, heatmaps: layer.heatmaps.map((map) => ({ ...map, blank: true })) })),
    },
  });
  try {
    for (const message of [
      { type: 'loading', image: portrait, progress: null } as const,
      run.input,
      run.steps,
    ])
      await panel.send(message);
    await panel.send(run.numbers);
    const first = await shown();
    await page.getByText('Shown first: the last layer').waitFor();
    await panel.send(blanked(first));
    await page.locator('.inspector h3').filter({ hasNotText: first }).waitFor();
    const second = await shown();
    await page.getByRole('option', { name: second, selected: true }).click();
    await page.getByText('Shown first: the last layer').waitFor({ state: 'detached' });
    await panel.send(blanked(second));
    await page.waitForTimeout(200);
    assert.equal(await shown(), second);
    assert.deepEqual(panel.problems, []);
  } finally {
    await panel.close();
  }
});

test('messages keep their order while a long report is unpacked; one that was sent too soon is asked for again', async () => {
  const panel = await openPanel(browser, { theme: 'dark', width: 550, height: 900, folder });
  const asked = async () => (await panel.received()).filter(({ type }) => type === 'ready').length;
  const send = (...texts: readonly string[]) =>
    panel.page.evaluate(`{ ${texts.map((text) => `window.postMessage(${text});`).join(' ')} }`);
  await send("{ type: 'sent' }");
  for (const until = Date.now() + patience; (await asked()) < 2 && Date.now() < until;)
    await panel.page.waitForTimeout(20);
  assert.equal(await asked(), 2);
  const shown = sent({ type: 'report', folder, base: panel.base, report, stale: [] }, true);
  await send(shown, "{ type: 'sent' }", sent({ type: 'stale', reasons: ['The image has changed since.'] }));
  await panel.page.locator('tr.layer').first().waitFor();
  // A report behind what has changed since would say that nothing has.
  await panel.page.getByText('The image has changed since.').waitFor();
  assert.equal(await asked(), 2);
  assert.deepEqual(panel.problems, []);
  await panel.close();
});

test('a report that is there before the page listens is shown', async () => {
  const shown = sent({ type: 'report', folder, base: '/report', report, stale: [] });
  const panel = await openPanel(browser, { theme: 'dark', width: 550, height: 900, folder, early: shown });
  await panel.page.locator('.verdict-label').waitFor();
  await panel.close();
});

test('the focus stays in the panel when the button that has it goes', async () => {
  const panel = await openPanel(browser, { theme: 'dark', width: 900, height: 700, folder });
  try {
    await panel.send({ type: 'loading', image: portrait, progress: null });
    const button = panel.page.getByRole('button', { name: 'Cancel' });
    await button.focus();
    await panel.send(messages(panel.base).report);
    await button.waitFor({ state: 'detached' });
    await panel.page.locator('h1:focus').waitFor();
  } finally {
    await panel.close();
  }
});

for (const [name, failure, heading] of [
  ['cancelled', { kind: 'cancelled', code: 'cancelled', message: 'Cancelled.', fix: null }, 'Cancelled'],
  [
    'failed',
    { kind: 'model', code: 'model', message: 'weights.onnx: expected 3 channels, found 4.', fix: null },
    'The model cannot be used',
  ],
] as const)
  test(`a run that is ${name} after its first results keeps them in view and says that there is no report`, async () => {
    const panel = await openPanel(browser, { theme: 'dark', width: 900, height: 700, folder });
    const { page } = panel;
    try {
      const run = messages(panel.base);
      for (const message of [
        { type: 'loading', image: portrait, progress: null } as const,
        run.input,
        run.steps,
        { type: 'failed', failure } as const,
      ])
        await panel.send(message);
      await page.getByRole('heading', { name: heading }).waitFor();
      await page.getByText('Partial results below. No report was saved.').waitFor();
      await page.getByAltText('The face, cut out and resized').waitFor();
      assert.equal(
        await page.getByText('Not computed').count(),
        2,
        'where the layers and the classes would be',
      );
      assert.equal(await page.getByRole('button', { name: 'Cancel' }).count(), 0);
      assert.equal(await page.getByRole('button', { name: /Open report/ }).count(), 0);
      await page.getByRole('button', { name: name === 'cancelled' ? 'Analyze again' : 'Try again' }).click();
      await panel.waitFor('retry');
      assert.deepEqual(panel.problems, []);
    } finally {
      await panel.close();
    }
  });

test('a picture that is gone leaves its room empty', async () => {
  const panel = await openPanel(browser, { theme: 'dark', width: 900, height: 700, folder });
  try {
    await panel.send({ type: 'loading', image: portrait, progress: null });
    await panel.send({ ...messages(`${panel.base}/gone`).input });
    const image = panel.page.getByAltText('The input image');
    await image.waitFor({ state: 'hidden' });
    await panel.send(messages(panel.base).report);
    await image.waitFor({ state: 'visible' });
  } finally {
    await panel.close();
  }
});

test('as which network the weights were read stands below the classes, and a face in doubt says so', async () => {
  const panel = await openPanel(browser, { theme: 'dark', width: 900, height: 700, folder });
  try {
    const [face] = report.detection.faces;
    assert.ok(face);
    const message = 'The box that was analyzed (10x20 px at 3,4) may not be a face.';
    const doubted: Report = {
      ...report,
      detection: { ...report.detection, faces: [{ ...face, doubt: 'unseen' }] },
      warnings: [{ code: 'doubtful-face', message, layers: [] }],
    };
    await panel.send({ type: 'report', folder, base: panel.base, report: doubted, stale: [] });
    await panel.page.getByText('Read as efficientnet_pytorch/b5, by names and shapes.').waitFor();
    await panel.page.getByRole('button', { name: 'Input and preprocessing' }).click();
    await panel.page.getByText('BlazeFace sees no face there').waitFor();
    await panel.page.getByText(message).waitFor();
    assert.deepEqual(panel.problems, []);
  } finally {
    await panel.close();
  }
});
