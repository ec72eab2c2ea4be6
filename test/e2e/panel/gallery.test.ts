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
import type { LayerReport, Report } from '../../../protocol/report';
import type { PartialLayer, PartialReport } from '../../../protocol/requests';
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
  progress: {
    step: 'explain',
    done: ['input', 'detection', 'crop', 'wavelet', 'model'],
    fraction: 0.55,
    message: 'Grad-CAM of 44 layers on cpu',
  },
};
const complete = (base: string): ToPanel => ({ type: 'report', folder, base, report, stale: [] });
const cancelled: ToPanel = {
  type: 'failed',
  failure: { kind: 'cancelled', message: 'Cancelled.', fix: null },
};
const crashed: ToPanel = {
  type: 'failed',
  failure: {
    kind: 'internal',
    message: 'The engine process was killed (signal SIGKILL), as the system does when memory runs out.',
    fix: 'Try again: a new engine is started by itself.',
  },
};

const undrawn = (layer: LayerReport): PartialLayer => ({
  ...layer,
  heatmaps: layer.heatmaps.map((heatmap) => ({ ...heatmap, blank: null })),
  health: layer.health.filter((mark) => mark !== 'blank-cam'),
});

/** What the engine tells of a run, in order. */
function stages(base: string) {
  const { input, detection, preprocess, classifier, model, device, target, methods, layers, mapsFile } =
    report;
  const tell = (part: PartialReport): ToPanel => ({ type: 'partial', base, report: part });
  const [untrained, ...others] = report.warnings;
  const first = untrained ? [untrained] : [];
  return {
    input: tell({ input, device, methods, warnings: first }),
    steps: tell({ detection, preprocess, warnings: [...first, ...others.slice(0, 1)] }),
    model: tell({ model }),
    numbers: tell({ target, classifier, mapsFile, layers: layers.map(undrawn) }),
    half: tell({ layers: layers.slice(0, 20) }),
    rest: tell({ layers: layers.slice(20) }),
  };
}

/** Name of the picture, and the messages that lead to the state. */
const states: readonly (readonly [string, (base: string) => readonly ToPanel[]])[] = [
  ['waiting', () => [loading]],
  [
    'stage-input',
    (base) => [
      loading,
      stages(base).input,
      {
        type: 'loading',
        image: portrait,
        progress: { step: 'detection', done: ['input'], fraction: 0.06, message: 'looking for faces' },
      },
    ],
  ],
  [
    'stage-steps',
    (base) => {
      const { input, steps, model } = stages(base);
      return [loading, input, steps, model, explaining];
    },
  ],
  [
    'stage-numbers',
    (base) => {
      const { input, steps, model, numbers } = stages(base);
      return [loading, input, steps, model, explaining, numbers];
    },
  ],
  [
    'stage-half',
    (base) => {
      const { input, steps, model, numbers, half } = stages(base);
      return [loading, input, steps, model, explaining, numbers, half];
    },
  ],
  ['failed-later', (base) => [loading, stages(base).input, stages(base).steps, explaining, crashed]],
  ['cancelled-later', (base) => [loading, stages(base).input, explaining, cancelled]],
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
          fix:
            'Try another detector in the setting “Inference Lens: Detector”. ' +
            'Analyze the whole image if it is a face crop already.',
          code: 'no-face',
          remedies: [{ do: 'give-box' }, { do: 'other-detector' }, { do: 'whole-image' }],
        },
      },
    ],
  ],
  [
    'failed-device',
    () => [
      loading,
      {
        type: 'failed',
        failure: {
          kind: 'device',
          message:
            'The cuda device is not available: driver 580.65.06, NVIDIA L4; but the runtime’s CUDA libraries are not installed.',
          fix:
            'Run the command “Inference Lens: Install CUDA Libraries” (fetches about 250 MB). ' +
            'Choose another device, or auto, with the command “Inference Lens: Select Device...”.',
          remedies: [{ do: 'install-cuda' }, { do: 'other-device' }],
        },
      },
    ],
  ],
  ['cancelled', () => [loading, cancelled]],
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
    if (sent.some((message) => 'report' in message && message.report.mapsFile !== undefined)) {
      await panel.waitFor('maps');
      await panel.send({ type: 'maps', base64: maps });
    }
    await panel.page.waitForLoadState('networkidle');
    await panel.page.locator('#root > main').waitFor();
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
    for (const stage of ['stage-steps', 'stage-half', 'failed-later']) {
      const messages = states.find(([name]) => name === stage)?.[1] ?? (() => []);
      if (theme === 'light' || size === 'narrow')
        test(`${stage}: ${theme}, ${size}`, () =>
          show({ theme, width, height: height / 2 }, messages, `panel-${stage}-${theme}-${size}`));
    }
  }
}

test('what a failure says can be done has a button, and what it does not say has none', async () => {
  const panel = await openPanel(browser, { theme: 'dark', width: 800, height: 600, folder });
  const failed = (failure: Pick<Failure, 'message' | 'remedies'>): ToPanel => ({
    type: 'failed',
    failure: { kind: 'image', fix: null, ...failure },
  });
  const button = panel.page.getByRole('button', { name: /whole image/ });
  try {
    await panel.send(loading);
    const remedies = [{ do: 'other-detector' }, { do: 'whole-image' }, { do: 'install-cuda' }] as const;
    await panel.send(failed({ message: 'no face was found', remedies }));
    await button.click();
    await panel.waitFor('retry');
    await panel.page.getByRole('button', { name: 'Change detector…' }).click();
    await panel.waitFor('setting');
    await panel.page.getByRole('button', { name: 'Install CUDA libraries…' }).click();
    await panel.waitFor('run');
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
