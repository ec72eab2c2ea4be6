/** A workspace with images, opened in VS Code with the extension, and what the tests do in its panel. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import type { Frame, Page } from 'playwright-core';
import sharp from 'sharp';
import { explorerMenu, panelFrame } from '../vscode/actions';
import type { VSCodeVersion } from '../vscode/install.mjs';
import { launch, patience, type Workbench } from '../vscode/launch';
import { stored } from '../vscode/stored';

/** Folder of the workspace in which tests find the reports. */
const OUTPUT = 'inference-lens-report';

export const menuEntry = 'Analyze with Inference Lens';

/** From the right-click to the report, cold, on a slow machine that does other things too. */
export const analysisLimit = 180_000;

/** Of the window, in CSS pixels. */
export const VIEWPORT = { width: 1600, height: 1000 } as const;

export interface Session {
  readonly workbench: Workbench;
  readonly page: Page;
  readonly folder: string;
  /** Asks the extension beside (`test/e2e/vscode/probe/`), of a session that has it. */
  readonly ask: (request: Request) => Promise<Answer>;
  readonly close: () => Promise<void>;
}

export interface SessionOptions {
  readonly version?: VSCodeVersion;
  /** Names of the files in the workspace; all are the sample portrait unless `sources` says otherwise. */
  readonly files?: readonly string[];
  /** What a file is copied from. */
  readonly sources?: Readonly<Record<string, string>>;
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly machineSettings?: Readonly<Record<string, unknown>>;
  /** A folder or a VSIX; unless given, the packed extension if one is named in the environment, else the working copy. */
  readonly extension?: string;
  /** Folders of extensions beside it. */
  readonly beside?: readonly string[];
  /** With an extension beside it that asks VS Code what tests cannot: see `ask`. */
  readonly probe?: boolean;
  /** Display language; English unless given. */
  readonly language?: string;
  /** Added to the environment of the extension. */
  readonly env?: Readonly<Record<string, string>>;
  /** Opens these folders together instead of the one that holds them. */
  readonly workspace?: { readonly folders: readonly string[] };
}

/** Names of the reports in a folder of the workspace, which has a .gitignore besides. */
export const reportNames = async (...folder: readonly string[]): Promise<readonly string[]> =>
  (await readdir(join(...folder, OUTPUT))).filter((name) => !name.startsWith('.'));

export async function openSession(options: SessionOptions = {}): Promise<Session> {
  const folder = await mkdtemp(join(tmpdir(), 'lens-workspace-'));
  for (const name of options.files ?? ['portrait.png']) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await copyFile(options.sources?.[name] ?? 'samples/portrait.png', join(folder, name));
  }
  const { workspace } = options;
  const questions = join(folder, '..', `${basename(folder)}-probe`);
  if (options.probe === true) await mkdir(questions);
  const env = { ...options.env, ...(options.probe === true ? { INFERENCE_LENS_PROBE: questions } : {}) };
  const file = join(folder, 'tests.code-workspace');
  if (workspace)
    await writeFile(file, JSON.stringify({ folders: workspace.folders.map((path) => ({ path })) }));
  const workbench = await launch({
    version: options.version ?? '1.99',
    workspace: workspace ? file : folder,
    extension: resolve(options.extension ?? process.env['INFERENCE_LENS_VSIX'] ?? '.'),
    viewport: VIEWPORT,
    // With weights that are said, nothing is asked before the first analysis.
    settings: {
      'inferenceLens.weights': 'demo',
      // Where tests find the reports' files.
      'inferenceLens.output': OUTPUT,
      ...options.settings,
    },
    env,
    ...(options.machineSettings === undefined ? {} : { machineSettings: options.machineSettings }),
    beside: [...(options.beside ?? []), ...(options.probe === true ? ['test/e2e/vscode/probe'] : [])].map(
      (path) => resolve(path),
    ),
    ...(options.language === undefined ? {} : { language: options.language }),
  });
  const close = async () => {
    await workbench.close();
    for (const place of [folder, questions]) await rm(place, { recursive: true, force: true });
  };
  return { workbench, page: workbench.page, folder, ask: (request) => ask(questions, request), close };
}

export interface Request {
  readonly call: 'language' | 'tools' | 'invokeTool' | 'execute';
  readonly [parameter: string]: unknown;
}

export type Answer =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly name: string; readonly message: string };

async function ask(questions: string, request: Request): Promise<Answer> {
  const id = randomUUID();
  const place = (what: string): string => join(questions, `${id}.${what}.json`);
  await writeFile(place('new'), JSON.stringify(request));
  await rename(place('new'), place('request'));
  const text = await eventually(
    () => readFile(place('answer'), 'utf8').catch(() => ''),
    (found) => found !== '',
    `an answer to ${request.call}`,
  );
  return JSON.parse(text) as Answer;
}

/** Right-clicks a file and waits until its panel shows a whole report. */
export async function analyzeFromExplorer(page: Page, name: string): Promise<Frame> {
  await explorerMenu(page, name, menuEntry);
  return reportFrame(page);
}

/** The panel, once it shows a whole report. While VS Code restores or moves a panel it loads its page again, and the frame that was there goes. */
export async function reportFrame(page: Page, timeout?: number): Promise<Frame> {
  for (let tries = 1; ; tries++) {
    const frame = await panelFrame(page, 0, timeout);
    try {
      await wholeReport(frame);
      return frame;
    } catch (error) {
      if (tries === 5 || !/detached/.test(String(error))) throw error;
    }
  }
}

export async function wholeReport(frame: Frame): Promise<void> {
  await frame.getByRole('button', { name: 'Open report.json' }).waitFor({ timeout: analysisLimit });
}

/**
 * Reloads the window once VS Code has stored what it is to come back with, and takes the panel of the new one: every frame of the window
 * before is gone.
 * @param entry matches what is stored of the panel: see `stored`
 */
export async function reloadedWith(
  { page, reload }: Pick<Workbench, 'page' | 'reload'>,
  entry: RegExp,
): Promise<Frame> {
  await stored(page, entry);
  await reload();
  return panelFrame(page);
}

/** The pixels of the inspector's picture as the reader sees them. */
export async function pictureBytes(frame: Frame): Promise<Buffer> {
  return frame.locator('.viewport').first().screenshot();
}

/** RGBA of the inspector's canvas, as it is drawn. */
export async function canvasPixels(frame: Frame): Promise<Buffer> {
  const base64 = await frame
    .locator('.layer-canvas')
    .first()
    .evaluate((element) => (element as unknown as { toDataURL(): string }).toDataURL());
  return sharp(Buffer.from(base64.slice(base64.indexOf(',') + 1), 'base64'))
    .ensureAlpha()
    .raw()
    .toBuffer();
}

export async function selectLayer(frame: Frame, name: string): Promise<void> {
  // Only rows near the view are in the page; the filter brings it there.
  const filter = frame.getByRole('textbox', { name: /^Filter layers/ });
  await filter.fill(name);
  await frame.locator(`tr[data-layer="${name}"]`).click();
  await filter.fill('');
  await frame.locator('.inspector h3', { hasText: name }).waitFor();
  await frame.locator('.layer-canvas').first().waitFor();
}

/** Waits until a function's result meets a condition; fails with what it was last. */
export async function eventually<T>(
  read: () => Promise<T>,
  accept: (value: T) => boolean,
  what: string,
): Promise<T> {
  for (const until = Date.now() + patience; ;) {
    const value = await read();
    if (accept(value)) return value;
    assert.ok(Date.now() < until, `${what}: last seen ${String(value).slice(0, 300)}`);
    await new Promise((wait) => setTimeout(wait, 100));
  }
}
