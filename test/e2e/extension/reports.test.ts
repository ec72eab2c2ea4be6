/** Failures that stay where the reader is, and reports from elsewhere, in VS Code: refused by name, or shown without being obeyed. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Frame, Page } from 'playwright-core';
import type { Report } from '../../../protocol/report';
import { encodeModel } from '../../../server/src/onnx/write';
import { runCli, samplePath } from '../../support/cli';
import { smallClassifier } from '../../support/small-classifier';
import { explorerMenu, explorerRow, openFile, panelFrame, runCommand, setTheme } from '../vscode/actions';
import { screenshot } from '../vscode/screenshot';
import {
  analysisLimit,
  analyzeFromExplorer,
  eventually,
  menuEntry,
  openSession,
  reportFrame,
  wholeReport,
} from './session';

const limit = { timeout: 900_000 };
let place: string;
let settings: Readonly<Record<string, unknown>>;

before(() => {
  place = mkdtempSync(join(tmpdir(), 'lens-reports-'));
  const weights = join(place, 'small.onnx');
  writeFileSync(weights, encodeModel(smallClassifier()));
  settings = {
    'inferenceLens.weights': weights,
    'inferenceLens.pipeline': 'imagenet',
    'inferenceLens.detector': 'none',
  };
});
after(() => rmSync(place, { recursive: true, force: true }));

const tab = (page: Page, name: string) => page.locator('.tab', { hasText: name }).first();
const alertIn = (frame: Frame) => frame.getByRole('alert');

/** Brings an image's panel forward. */
async function shown(page: Page, name: string, heading = name): Promise<Frame> {
  await tab(page, name).click();
  for (let tries = 0; tries < 100; tries++) {
    const frame = await panelFrame(page, 0, 15_000).catch(() => null);
    if (frame === null) {
      // Now and then VS Code on a busy machine leaves a view blank that was hidden while it loaded: showing it again loads it.
      await page.locator('.tab', { hasNotText: name }).last().click();
      await tab(page, name).click();
      continue;
    }
    // The page before it may be in view for a moment yet.
    const title = await frame
      .locator('h1')
      .innerText({ timeout: 1000 })
      .catch(() => '');
    if (title === heading) return frame;
    await page.waitForTimeout(100);
  }
  throw new Error(`The panel of ${name} does not come forward.`);
}

/** The report of an image, as a folder of the workspace; as this program wrote it. */
const reportFolder = (folder: string): string => {
  const made = join(folder, 'inference-lens-report');
  return join(made, readdirSync(made).find((name) => !name.startsWith('.')) ?? '', 'result');
};

/** A copy of a report with something else in it. */
function copyOf(
  folder: string,
  name: string,
  change: (report: Report, copy: string) => object | string,
): void {
  const copy = join(folder, `${name}_inference_x`, 'result');
  cpSync(reportFolder(folder), copy, { recursive: true });
  const file = join(copy, 'report.json');
  const changed = change(JSON.parse(readFileSync(file, 'utf8')) as Report, copy);
  writeFileSync(file, typeof changed === 'string' ? changed : JSON.stringify(changed));
}

test('a failure stays until it is dismissed, and bad reports say why', limit, async (t) => {
  const { page, folder, close } = await openSession({ files: ['one.png', 'two.png'], settings });
  try {
    writeFileSync(join(folder, 'notes.txt'), 'notes');
    await t.test('a run that fails while its tab is hidden', async () => {
      // Panels open beside what has the focus: so both are in one group, where one hides the other.
      await openFile(page, 'notes.txt');
      let frame = await analyzeFromExplorer(page, 'one.png');
      writeFileSync(join(folder, 'one.png'), 'no picture any more');
      await frame.getByText('The image has changed since.').waitFor();
      await frame.getByRole('button', { name: 'Analyze again' }).click();
      await tab(page, 'notes.txt').click();
      await explorerMenu(page, 'two.png', menuEntry);
      await wholeReport(await shown(page, 'two.png'));
      frame = await shown(page, 'one.png');
      await alertIn(frame)
        .getByText(/one\.png/)
        .waitFor({ timeout: analysisLimit });
      assert.ok((await frame.locator('tr.layer').count()) > 0, 'the report from before is there too');
      await screenshot(page, 'extension-failure-dark');
      await setTheme(page, 'Light Modern');
      await frame.locator('tr.layer').last().scrollIntoViewIfNeeded();
      await screenshot(page, 'extension-failure-light');
    });

    await t.test('is still there after its tab was hidden again, and gone once it is dismissed', async () => {
      const away = async () => {
        const other = await shown(page, 'two.png');
        assert.equal(await alertIn(other).count(), 0);
        return shown(page, 'one.png');
      };
      const frame = await away();
      await alertIn(frame).waitFor();
      await frame.getByRole('button', { name: 'Dismiss this message' }).click();
      await alertIn(frame).waitFor({ state: 'detached' });
      const again = await away();
      await wholeReport(again);
      assert.equal(await alertIn(again).count(), 0);
      await runCommand(page, 'View: Close All Editors');
    });

    await t.test('a report follows the selection in the Explorer, until it is told to stay', async () => {
      cpSync(samplePath, join(folder, 'three.png'));
      await analyzeFromExplorer(page, 'two.png');
      await runCommand(page, 'Inference Lens: Follow the Selection in the Explorer');
      await explorerRow(page, 'three.png').click();
      const followed = await shown(page, 'three.png (Lens)', 'three.png');
      await wholeReport(followed);
      assert.equal(await page.locator('.tab', { hasText: 'two.png (Lens)' }).count(), 0, 'in the same panel');
      await runCommand(page, 'Inference Lens: Stop Following the Explorer');
      await runCommand(page, 'View: Close All Editors');
    });

    const bad: readonly (readonly [string, Parameters<typeof copyOf>[2], RegExp])[] = [
      [
        'path',
        (report) => ({ ...report, input: { ...report.input, path: {} } }),
        /"input\.path" to be a string; found an object/,
      ],
      ['deep', () => '['.repeat(100_000), /nesting of more than 32 levels/],
      ['old', (report) => ({ ...report, version: 0 }), /version 2, found 0: it was written by an older/],
      [
        'outside',
        (report) => ({ ...report, mapsFile: '../../../../etc/passwd' }),
        /"mapsFile" to be a path below the report's folder/,
      ],
      [
        'link',
        (report, copy) => {
          const picture = join(copy, report.input.pictures.original);
          rmSync(picture);
          symlinkSync('/dev/zero', picture);
          return report;
        },
        /original\.png: found a link that leads out of its folder/,
      ],
    ];
    for (const [name, change, message] of bad)
      await t.test(`a report that cannot be shown: ${name}`, async () => {
        copyOf(folder, name, change);
        await openFile(page, `${name}_inference_x/result/report.json`);
        const notice = await eventually(
          async () => {
            // The page of the report before may be in view for a moment yet, and go while it is read.
            const frame = await panelFrame(page);
            return await alertIn(frame)
              .innerText({ timeout: 1000 })
              .catch(() => '');
          },
          (text) => text.includes(join(folder, `${name}_inference_x`, 'result', 'report.json')),
          'the alert of this report',
        );
        assert.match(notice, message);
        await (
          await panelFrame(page)
        )
          .getByRole('heading', { name: 'This report cannot be shown' })
          .waitFor();
        await screenshot(page, `extension-unreadable-${name}`);
        await runCommand(page, 'View: Close All Editors');
      });

    await t.test('a report whose image is endless, or a pipe: shown, the extension goes on', async () => {
      const pipe = join(place, 'pipe');
      spawnSync('mkfifo', [pipe]);
      for (const [name, path] of [
        ['zero', '/dev/zero'],
        ['pipe', pipe],
      ] as const) {
        copyOf(folder, name, (report) => ({
          ...report,
          timestamp: '1970-01-01T00:00:00.000000',
          input: { ...report.input, path, bytes: 1 },
        }));
        await openFile(page, `${name}_inference_x/result/report.json`);
        const frame = await reportFrame(page);
        await frame.getByText('The image is no longer where it was.').waitFor();
        await runCommand(page, 'View: Close All Editors');
      }
      await openFile(page, 'old_inference_x/result/report.json');
      await (await panelFrame(page)).getByRole('heading', { name: 'This report cannot be shown' }).waitFor();
    });
  } finally {
    await close();
  }
});

test('in a workspace that is not trusted, a report is shown and not obeyed', limit, async () => {
  // Made elsewhere first, as a repository would bring it.
  const image = join(place, 'one.png');
  const made = join(place, 'made');
  const repository = join(place, 'repository');
  cpSync(samplePath, image);
  const weights = String(settings['inferenceLens.weights']);
  const { code, stderr } = await runCli([
    ...['analyze', image, '--output', made],
    ...['--weights', weights, '--pipeline', 'imagenet', '--detector', 'none'],
  ]);
  assert.equal(code, 0, stderr);
  cpSync(join(made, readdirSync(made)[0] ?? ''), join(repository, 'x_inference_y'), { recursive: true });
  const { page, folder, ask, close } = await openSession({
    probe: true,
    files: ['two.png'],
    settings: {
      ...settings,
      'security.workspace.trust.enabled': true,
      'security.workspace.trust.startupPrompt': 'never',
      'security.workspace.trust.banner': 'never',
    },
  });
  try {
    cpSync(repository, folder, { recursive: true });
    await openFile(page, 'x_inference_y/result/report.json');
    const frame = await reportFrame(page);
    assert.equal(
      await frame.getByText('The image is no longer where it was.').count(),
      0,
      'it was not looked for',
    );
    await frame.getByRole('combobox', { name: 'Heatmap method' }).click();
    await frame.getByRole('option', { name: /LayerCAM/ }).click();
    await alertIn(frame)
      .getByText(/The workspace is not trusted.*one\.png/)
      .waitFor();
    await frame.getByRole('button', { name: 'Manage workspace trust…' }).waitFor();
    await screenshot(page, 'extension-untrusted');
    // Nor by a language model, for which the same holds.
    const input = { report: join(folder, 'x_inference_y', 'result'), layer: 'conv1' };
    const answer = await ask({ call: 'invokeTool', tool: 'inference_lens_explain_layer', input });
    assert.ok(!answer.ok, JSON.stringify(answer));
    assert.match(answer.message, /The workspace is not trusted/);
    assert.deepEqual(readdirSync(folder).sort(), ['two.png', 'x_inference_y'], 'nothing was written');
  } finally {
    await close();
  }
});
