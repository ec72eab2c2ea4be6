/** How the panel shows a verdict that cannot be given, one logit, and several labels. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import type { ActivationReport, ClassifierReport, Report } from '../../../protocol/report';
import { startChromium } from '../vscode/launch';
import { portrait, writeFixture } from './fixture';
import { openPanel } from './page';

let browser: Browser;
let folder: string;
let report: Report;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lens-verdicts-'));
  report = await writeFixture(folder);
  browser = await startChromium();
});

after(async () => {
  await browser.close();
  await rm(folder, { recursive: true });
});

/** The text of the verdict and of the classes' rows. */
async function shown(
  classifier: ClassifierReport,
): Promise<{ verdict: string; rows: string[]; all: string }> {
  const panel = await openPanel(browser, { theme: 'dark', width: 900, height: 700, folder });
  try {
    await panel.send({ type: 'loading', image: portrait, progress: null });
    await panel.send({
      ...{ type: 'report', folder, base: panel.base, stale: [] },
      report: { ...report, classifier },
    });
    const table = panel.page.locator('table.classes');
    await table.waitFor({ state: 'attached' });
    const words = async (selector: string) =>
      (await panel.page.locator(selector).allTextContents()).map((text) => text.replace(/\s+/g, ' ').trim());
    const [verdict = ''] = await words('.header .verdict');
    const [all = ''] = await words('body');
    return { verdict, rows: await words('table.classes tbody tr'), all };
  } finally {
    await panel.close();
  }
}

const labels = ['real', 'fake'];
const activation: ActivationReport = {
  ...{ kind: 'sigmoid', origin: 'graph', multiLabel: false, threshold: null },
  description: 'How the outputs were read.',
};

test('undecided: no label, no percentage, no NaN taken for a class', async () => {
  const { verdict, rows } = await shown({
    ...{ labels, logits: ['NaN', 'NaN'], probabilities: null, confidence: null },
    predicted: { index: null, label: 'undecided' },
  });
  assert.match(verdict, /undecided/);
  assert.doesNotMatch(verdict, /%|real|fake/);
  assert.equal(rows.length, 2);
  for (const row of rows) assert.doesNotMatch(row, /%|predicted/);
});

test('one logit: two classes, the logit beside the last, and how it was read', async () => {
  const { verdict, rows, all } = await shown({
    ...{ labels, logits: [-0.9293], probabilities: [0.7169, 0.2831], confidence: 0.7169 },
    predicted: { index: 0, label: 'real' },
    activation: { ...activation, threshold: 0.5 },
  });
  assert.match(verdict, /real ?71\.7%/);
  assert.match(rows[0] ?? '', /^real.*predicted.*71\.7%$/);
  assert.doesNotMatch(rows[0] ?? '', /0\.9293/);
  assert.match(rows[1] ?? '', /^fake.*−0\.9293 ?28\.3%$/);
  assert.match(all, /How the outputs were read\./);
});

test('several labels: the verdict says that it is one of them', async () => {
  const { verdict } = await shown({
    ...{ labels, logits: [2, 1], probabilities: [0.88, 0.73], confidence: 0.88 },
    predicted: { index: 0, label: 'real' },
    activation: { ...activation, multiLabel: true },
  });
  assert.match(verdict, /real ?88\.0% ?largest of several labels/);
});
