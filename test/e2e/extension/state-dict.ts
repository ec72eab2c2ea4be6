/** Test of a checkpoint that holds several state dicts, in VS Code: the failure outlives a reload, and the reader picks one. */
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Frame } from 'playwright-core';
import type { Report } from '../../../protocol/report';
import { expanded, expandedFile } from '../../support/checkpoints/expanded';
import { samplePath } from '../../support/cli';
import { savedShapes } from '../../unit/architectures/state-dicts';
import { explorerMenu, panelFrame, pick, runCommand } from '../vscode/actions';
import { screenshot } from '../vscode/screenshot';
import { analysisLimit, menuEntry, reloadedWith, reportNames, wholeReport, type Session } from './session';

/** @param place a folder for the checkpoint */
export async function stateDicts({ page, folder, workbench }: Session, place: string): Promise<void> {
  const weights = join(place, 'two.pth');
  const shapes = savedShapes('torchvision/resnet18');
  writeFileSync(weights, expandedFile({ student: expanded(shapes), teacher: expanded(shapes, 1) }));
  const settings = {
    'inferenceLens.weights': weights,
    'inferenceLens.lens': 'imagenet',
    'inferenceLens.detector': 'none',
  };
  mkdirSync(join(folder, '.vscode'));
  writeFileSync(join(folder, '.vscode', 'settings.json'), JSON.stringify(settings));
  copyFileSync(samplePath, join(folder, 'portrait.png'));
  await page.locator('.statusbar').getByText('two.pth').waitFor();
  await runCommand(page, 'View: Close All Editors');
  const before = await reportNames(folder);
  const failed = (frame: Frame) =>
    frame.getByText(/holds 2 state dicts, "student", "teacher"/).waitFor({ timeout: analysisLimit });
  await explorerMenu(page, 'portrait.png', menuEntry);
  await failed(await panelFrame(page));
  const frame = await reloadedWith(workbench, /inferenceLens\.report.*holds 2 state dicts/);
  await failed(frame);
  await screenshot(page, 'extension-state-dicts');
  await frame.getByRole('button', { name: 'Choose state dict…' }).click();
  await pick(page, 'teacher');
  await wholeReport(frame);
  const output = join(folder, 'inference-lens-report');
  const [report = ''] = (await reportNames(folder)).filter((name) => !before.includes(name));
  const { model } = JSON.parse(readFileSync(join(output, report, 'result/report.json'), 'utf8')) as Report;
  assert.equal(model.checkpoint?.requestedStateDict, 'teacher');
}
