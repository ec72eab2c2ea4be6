/** Tests of the evaluation view as a user meets it: from the menu of a folder to the pictures that fail, and to the report of one of them. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { explorerMenu, panelFrame, pick, runCommand } from '../vscode/actions';
import { screenshot } from '../vscode/screenshot';
import { eventually, type Session } from './session';

const sample = join('samples', 'watermark');

/** The sample as it is, under its own names. */
const names = ['circle', 'square'].flatMap((label) =>
  readdirSync(join(sample, 'pictures', label)).map((name) => `pictures/${label}/${name}`),
);
const files = [
  ...names,
  ...['cheater', 'repaired'].flatMap((name) =>
    ['onnx', 'lens.json', 'check.json'].map((end) => `${name}.${end}`),
  ),
];

/** What its workspace holds: a name, and what it is copied from. */
export const evaluationSources: Readonly<Record<string, string>> = Object.fromEntries(
  files.map((name) => [name, join(sample, name)]),
);

export async function evaluationView(t: TestContext, { page }: Session): Promise<void> {
  await t.test('from the menu of the folder, with a model beside it', async () => {
    await explorerMenu(page, 'pictures', 'Evaluate Folder...');
    await pick(page, 'cheater.onnx');
    await pick(page, 'heatmap of the last layer');
    const frame = await panelFrame(page);
    await frame.getByRole('heading', { name: 'Confusion matrix' }).waitFor({ timeout: 120_000 });
    const text = await frame.locator('main').innerText();
    for (const words of ['cheater.onnx', '60 pictures', '66.7%', 'features.14: heatmap in the border'])
      assert.ok(text.includes(words), `${words} in\n${text}`);
    // The worst cases come first, each with its picture.
    await frame.getByText('20 of 60 pictures').waitFor();
    await eventually(
      () => frame.locator('.tile canvas').count(),
      (count) => count >= 10,
      'pictures',
    );
    await screenshot(page, 'evaluation');
  });

  await t.test('a cell of the confusion matrix shows its pictures, and a filter fewer of them', async () => {
    const frame = await panelFrame(page);
    const cell = frame.getByTitle(/labeled circle with the verdict square/);
    const count = Number(await cell.innerText());
    await cell.click();
    await frame.getByText(`${count} of 60 pictures`).waitFor();
    // All of them have the mark: the network calls a circle a square because of it.
    const shown = await frame.locator('.tile').allInnerTexts();
    assert.ok(shown.length > 0 && shown.every((tile) => tile.includes('marked')), shown.join('\n'));
    await frame.getByRole('searchbox').fill('02-');
    await frame.getByText('1 of 60 pictures').waitFor();
    await frame.getByRole('button', { name: 'All', exact: true }).click();
    await frame.getByText('60 of 60 pictures').waitFor();
  });

  await t.test('a threshold says what would come of it', async () => {
    const frame = await panelFrame(page);
    await frame.getByText('Threshold: what another one would give').click();
    const table = frame.getByRole('table', { name: /square against the rest/ });
    await table.waitFor();
    await frame.getByRole('slider').fill('0');
    await eventually(
      () => table.innerText(),
      (text) => /true positives\s+30\s+false positives\s+30/.test(text),
      'all above 0',
    );
    await screenshot(page, 'evaluation-threshold');
  });

  await t.test('a picture opens its report, of the same network', async () => {
    const frame = await panelFrame(page);
    await frame.locator('.tile button').first().click();
    const report = await panelFrame(page, 1);
    // The verdict of the table, of the network that the table is of.
    const verdict = /circle/;
    await report.getByRole('heading', { name: '01-plain.jpg' }).waitFor();
    await report.getByText(/99\.6/).first().waitFor({ timeout: 120_000 });
    assert.match(await report.locator('body').innerText(), verdict);
    await screenshot(page, 'evaluation-report');
  });

  await t.test(
    'what a test file expects is judged in the Test Explorer, and what fails is in Problems',
    async () => {
      await explorerMenu(page, 'cheater.check.json', 'Run Check');
      const tree = page.locator('.test-explorer');
      await tree
        .getByRole('treeitem', { name: /cheater\.check\.json.*Failed/ })
        .waitFor({ timeout: 120_000 });
      await runCommand(page, 'Problems: Focus on Problems View');
      const problems = page.locator('.markers-panel');
      await problems.getByText('accuracy: expected at least 0.9, found 0.6667 (40 of 60).').first().waitFor();
      await problems
        .getByText(/attention in the box of features\.14: expected at most 0\.1, found 0\.29/)
        .first()
        .waitFor();
      await screenshot(page, 'checks');
    },
  );
}
