/** Doctor on a machine with an NVIDIA driver, and what it advises, done by hand; a run that ended, seen again after it was hidden. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { runtimeFolder } from '../../../server/src/runtime/devices';
import { CudaMachine, standard } from '../../support/cuda-machine';
import { temporaryFolder } from '../../support/temp';
import { explorerMenu, notifications, panelFrame, runCommand, takeEntry } from '../vscode/actions';
import type { Workbench } from '../vscode/launch';
import { screenshot } from '../vscode/screenshot';
import { heldEngines } from './engines';
import { eventually, menuEntry, openSession } from './session';

const limit = { timeout: 300_000 };
const temporary = temporaryFolder('e2e-doctor');
const skip =
  process.platform === 'linux' && process.arch === 'x64' ? false : 'CUDA is looked for on Linux x64 only';

test(
  'Doctor offers to install what is missing and is asked first; a cancelled run is still there after its panel was hidden',
  { ...limit, skip },
  async (t) => {
    const machine = new CudaMachine(temporary, runtimeFolder())
      .driver('580.65.06')
      .library(standard, 'libcuda.so.1');
    const env = {
      INFERENCE_LENS_SYSTEM_ROOT: machine.root,
      LD_LIBRARY_PATH: '',
      HTTPS_PROXY: 'http://127.0.0.1:9',
      NO_PROXY: '127.0.0.1,localhost',
    };
    const { page, workbench, close } = await openSession({ env });
    try {
      await t.test('what a cancelled run had found out is still there', () => cancelledRun(page, workbench));
      await t.test('what is missing is offered, and what goes wrong is said', () => offered(page));
    } finally {
      await close();
    }
  },
);

async function offered(page: Page): Promise<void> {
  await runCommand(page, 'View: Close All Editors');
  await page.locator('.part.sidebar .title-label').click();
  await runCommand(page, 'Inference Lens: Doctor');
  const offer = notifications(page).filter({ hasText: 'CUDA libraries are not installed' });
  await offer.waitFor({ timeout: 60_000 });
  // Rendered, with what applies here alone.
  const table = await textOf(page, /Install CUDA Libraries/);
  assert.match(table, /Inference Lens Doctor[^]*Device CUDA[^]*Warning/);
  assert.doesNotMatch(table, /needs macOS|needs Windows/);
  await screenshot(page, 'extension-doctor-cuda');
  await offer.getByText('Install CUDA Libraries').click();
  const dialog = page.locator('.monaco-dialog-box');
  await dialog.getByText(/About 250 MB will be downloaded from api\.nuget\.org to \//).waitFor();
  await screenshot(page, 'extension-cuda-asked');
  assert.ok(await takeEntry(dialog.getByText('Cancel', { exact: true })), 'the dialog is not cancelled');

  await runCommand(page, 'Inference Lens: Install CUDA Libraries');
  assert.ok(await takeEntry(dialog.getByText('Install', { exact: true })), 'the dialog is not accepted');
  const failed = notifications(page).filter({ hasText: /could not be fetched from api\.nuget\.org/ });
  await failed.waitFor({ timeout: 60_000 });
  await screenshot(page, 'extension-cuda-failed');
}

/** Of the page in whose frame something is said. */
async function textOf(page: Page, pattern: RegExp): Promise<string> {
  const look = async (): Promise<string> => {
    const inner = page.frames().filter((frame) => frame.parentFrame() !== null);
    const texts = inner.map((frame) => frame.innerText('body', { timeout: 1000 }).catch(() => ''));
    return (await Promise.all(texts)).find((text) => pattern.test(text)) ?? '';
  };
  return eventually(look, (text) => text !== '', `a page with ${String(pattern)}`);
}

async function cancelledRun(page: Page, { server }: Workbench): Promise<void> {
  await explorerMenu(page, 'portrait.png', menuEntry);
  const frame = await panelFrame(page);
  await frame.getByAltText('The face, cut out and resized').waitFor({ timeout: 60_000 });
  const engines = await heldEngines(server);
  await frame.getByRole('button', { name: 'Cancel' }).click();
  for (const pid of engines) process.kill(pid, 'SIGCONT');
  const heading = frame.getByRole('heading', { name: 'Cancelled' });
  await heading.waitFor();
  await heading.click();
  await runCommand(page, 'File: New Untitled Text File');
  await heading.waitFor({ state: 'detached' }).catch(() => undefined);
  await page.locator('.tab.active', { hasText: 'Untitled-1' }).waitFor();
  await runCommand(page, 'View: Open Previous Editor');
  const again = await panelFrame(page);
  await again.getByRole('heading', { name: 'Cancelled' }).waitFor();
  await again.getByText('Partial results below. No report was saved.').waitFor();
  await again.getByRole('button', { name: 'Input and preprocessing' }).click();
  await again.getByText('BlazeFace', { exact: true }).waitFor();
  // Its pictures go with its folder, now or when the engine comes to it; what is drawn over them goes with them.
  const picture = again.getByAltText('The input image');
  await eventually(
    async () => [await picture.isVisible(), await again.locator('.drawing').isVisible()],
    ([shown, drawn]) => shown === drawn,
    'a drawing only over a picture',
  );
  await screenshot(page, 'extension-cancelled-again');
}
