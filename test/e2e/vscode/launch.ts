/** One workbench: a VS Code server, Chromium, and a page that has opened a folder or a workspace file. */
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { chromiumPath, installDebianPackages } from './install.mjs';
import { startServer, type ServerOptions, type VSCodeServer } from './server';

export interface LaunchOptions extends ServerOptions {
  /** Absolute path of a folder, or of a .code-workspace file. */
  readonly workspace: string;
  /** Of the window, in CSS pixels. */
  readonly viewport?: { readonly width: number; readonly height: number };
  /** Display language, as `--locale` has it: the editor's own texts stay English without its language pack, an extension's do not. */
  readonly language?: string;
}

export interface Workbench {
  readonly server: VSCodeServer;
  readonly page: Page;
  /** Loads the window again, as `Developer: Reload Window` does. */
  readonly reload: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Milliseconds that what is waited for may take on a machine with much else to do. */
export const patience = 60_000;

const chromiumArguments = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  ...[
    '--disable-component-update',
    '--disable-sync',
    '--disable-dev-shm-usage',
    '--force-color-profile=srgb',
  ],
];

export async function startChromium(): Promise<Browser> {
  await installDebianPackages();
  return chromium.launch({ executablePath: chromiumPath, headless: true, args: chromiumArguments });
}

const workbenchUrl = (address: string, workspace: string): string => {
  const url = new URL(address);
  url.searchParams.set(workspace.endsWith('.code-workspace') ? 'workspace' : 'folder', workspace);
  return url.href;
};

async function ready(page: Page): Promise<void> {
  await page.locator('.monaco-workbench .part.sidebar .explorer-folders-view').waitFor({ timeout: 60_000 });
  // The extension host is connected once the remote indicator says so without progress.
  await page.locator('.explorer-folders-view .monaco-list-row').first().waitFor({ timeout: 60_000 });
}

async function openPage(context: BrowserContext, url: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(url, { waitUntil: 'domcontentloaded' });
  await ready(page);
  return page;
}

/** Closes what was opened, last first, and reports the first failure only after all were tried. */
async function closeAll(closers: readonly (() => Promise<void>)[]): Promise<void> {
  const results = await Promise.allSettled([...closers].reverse().map((close) => close()));
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

export async function launch(options: LaunchOptions): Promise<Workbench> {
  const closers: (() => Promise<void>)[] = [];
  try {
    const browser = await startChromium();
    closers.push(() => browser.close());
    const server = await startServer(options);
    closers.push(server.stop);
    const context = await browser.newContext({ viewport: options.viewport ?? { width: 1440, height: 900 } });
    context.setDefaultTimeout(patience);
    // What the script of a language pack's messages would set.
    const set = `globalThis._VSCODE_NLS_LANGUAGE = ${JSON.stringify(options.language)};`;
    if (options.language !== undefined) await context.addInitScript(set);
    const page = await openPage(context, workbenchUrl(server.address, options.workspace));
    const reload = async () => {
      await page.reload({ waitUntil: 'domcontentloaded' });
      await ready(page);
    };
    return { server, page, reload, close: () => closeAll(closers) };
  } catch (error) {
    await closeAll(closers).catch(() => undefined);
    throw error;
  }
}
