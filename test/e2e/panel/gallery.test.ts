/** Every state of the panel in every theme: no error, no breach of its policy; pictures for people to look at. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Browser } from 'playwright-core';
import type { Failure } from '../../../protocol/failure';
import type { ToPanel } from '../../../protocol/panel';
import type { Report } from '../../../protocol/report';
import { startChromium } from '../vscode/launch';
import { screenshot } from '../vscode/screenshot';
import { portrait, writeFixture } from './fixture';
import { openPanel, type PanelOptions, type Theme } from './page';

let browser: Browser;
let folder: string;
let report: Report;
let maps: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lens-report-'));
  report = await writeFixture(folder);
  maps = await readFile(join(folder, report.mapsFile), 'base64');
  browser = await startChromium();
});

after(async () => {
  await browser.close();
  await rm(folder, { recursive: true });
});

test('the panel’s own bundle stays under 250 kB, compressed', async () => {
  assert.ok(gzipSync(await readFile('dist/panel.js')).length < 250_000);
});

const loading: ToPanel = { type: 'loading', image: portrait, progress: null };
const explaining: ToPanel = {
  type: 'loading',
  image: portrait,
  progress: { step: 'explain', fraction: 0.55, message: 'Grad-CAM of 44 layers on cpu' },
};
const complete = (base: string): ToPanel => ({ type: 'report', folder, base, report, stale: [] });

/** Name of the picture, and the messages that lead to the state. */
const states: readonly (readonly [string, (base: string) => readonly ToPanel[]])[] = [
  ['waiting', () => [loading]],
  ['loading', () => [loading, explaining]],
  [
    'partial',
    (base) => {
      const { input, detection, preprocess, classifier, model, device, target, warnings } = report;
      const first = { input, detection, preprocess, classifier, model, device, target, warnings };
      return [loading, explaining, { type: 'partial', base, report: first }];
    },
  ],
  ['complete', (base) => [complete(base)]],
  ['stale', (base) => [{ ...complete(base), stale: ['The image has changed since.'] } as ToPanel]],
  ['retarget', (base) => [complete(base), explaining]],
  [
    'failed',
    () => [
      loading,
      {
        type: 'failed',
        failure: {
          kind: 'image',
          message: `${portrait}: no face was found (BlazeFace full-range, score at least 0.6).`,
          fix: 'Analyze the whole image, or choose an image that shows a face.',
          code: 'no-face',
        },
      },
    ],
  ],
  [
    'cancelled',
    () => [loading, { type: 'failed', failure: { kind: 'cancelled', message: 'Cancelled.', fix: null } }],
  ],
  ['empty', () => [{ type: 'empty', reason: 'The report that was shown here is gone.' }]],
];

async function show(
  options: Omit<PanelOptions, 'folder'>,
  messages: (base: string) => readonly ToPanel[],
  name: string,
) {
  const panel = await openPanel(browser, { ...options, folder });
  try {
    const sent = messages(panel.base);
    for (const message of sent) await panel.send(message);
    if (sent.some(({ type }) => type === 'report')) {
      await panel.waitFor('maps');
      await panel.send({ type: 'maps', base64: maps });
    }
    await panel.page.waitForLoadState('networkidle');
    await panel.page.locator('#root > *').waitFor();
    await screenshot(panel.page, name);
    assert.deepEqual(panel.problems, []);
    assert.deepEqual(
      (await panel.received()).filter(({ type }) => type === 'problem'),
      [],
    );
  } finally {
    await panel.close();
  }
}

for (const [name, messages] of states) {
  test(`state: ${name}`, () => show({ theme: 'dark', width: 1280, height: 900 }, messages, `panel-${name}`));
}

const themes: readonly Theme[] = ['light', 'dark', 'high-contrast', 'high-contrast-light'];
for (const theme of themes) {
  for (const [size, width, height] of [
    ['wide', 1280, 2000],
    ['narrow', 480, 2400],
  ] as const) {
    test(`theme: ${theme}, ${size}`, () =>
      show({ theme, width, height }, (base) => [complete(base)], `panel-${theme}-${size}`));
  }
}

test('the whole image is offered where no face was found, and for no other fault of an image', async () => {
  const panel = await openPanel(browser, { theme: 'dark', width: 800, height: 600, folder });
  const failed = (failure: Pick<Failure, 'message' | 'code'>): ToPanel => ({
    type: 'failed',
    failure: { kind: 'image', fix: null, ...failure },
  });
  const button = panel.page.getByRole('button', { name: /whole image/ });
  try {
    await panel.send(loading);
    await panel.send(failed({ message: 'no face was found', code: 'no-face' }));
    await button.click();
    await panel.waitFor('retry');
    await panel.send(failed({ message: 'expected a complete JPEG picture' }));
    await panel.page.getByText('expected a complete JPEG picture').waitFor();
    assert.equal(await button.count(), 0);
  } finally {
    await panel.close();
  }
});

test('a report whose inside is broken is said to be, and logged', async () => {
  const panel = await openPanel(browser, { theme: 'dark', width: 800, height: 600, folder });
  try {
    const broken = { ...report, layers: [{ name: 'x' }] } as unknown as Report;
    await panel.send({ type: 'report', folder, base: panel.base, report: broken, stale: [] });
    await panel.waitFor('problem');
    await panel.page.getByText('This report cannot be shown').waitFor();
  } finally {
    await panel.close();
  }
});
