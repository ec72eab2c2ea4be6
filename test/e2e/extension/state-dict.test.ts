/** A checkpoint that holds several state dicts, in VS Code: the failure outlives a reload, and the reader picks one. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Frame } from 'playwright-core';
import type { Report } from '../../../protocol/report';
import { expanded, expandedFile } from '../../support/checkpoints/expanded';
import { temporaryFolder } from '../../support/temp';
import { savedShapes } from '../../unit/architectures/state-dicts';
import { explorerMenu, panelFrame, pick } from '../vscode/actions';
import { screenshot } from '../vscode/screenshot';
import { analysisLimit, menuEntry, openSession, reloadedWith, reportNames, wholeReport } from './session';

test('several state dicts: asked in the panel, also after a reload', { timeout: 600_000 }, async () => {
  const weights = join(temporaryFolder('e2e-state-dict'), 'two.pth');
  const shapes = savedShapes('torchvision/resnet18');
  writeFileSync(weights, expandedFile({ student: expanded(shapes), teacher: expanded(shapes, 1) }));
  const { page, folder, workbench, close } = await openSession({
    settings: {
      'inferenceLens.weights': weights,
      'inferenceLens.lens': 'imagenet',
      'inferenceLens.detector': 'none',
    },
  });
  const failed = (frame: Frame) =>
    frame.getByText(/holds 2 state dicts, "student", "teacher"/).waitFor({ timeout: analysisLimit });
  try {
    await explorerMenu(page, 'portrait.png', menuEntry);
    await failed(await panelFrame(page));
    const frame = await reloadedWith(workbench, /inferenceLens\.report.*holds 2 state dicts/);
    await failed(frame);
    await screenshot(page, 'extension-state-dicts');
    await frame.getByRole('button', { name: 'Choose state dict…' }).click();
    await pick(page, 'teacher');
    await wholeReport(frame);
    const output = join(folder, 'inference-lens-report');
    const [report = ''] = await reportNames(folder);
    const { model } = JSON.parse(readFileSync(join(output, report, 'result/report.json'), 'utf8')) as Report;
    assert.equal(model.checkpoint?.requestedStateDict, 'teacher');
  } finally {
    await close();
  }
});
