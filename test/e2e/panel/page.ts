/** The built panel in plain Chromium: its real page and policy, a theme's real colors, and a scripted editor. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFile } from 'node:fs/promises';
import { extname, join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { panelPage } from '../../../client/src/panel/html';
import { isInside } from '../../../client/src/report/paths';
import type { FromPanel, SentToPanel, ToPanel } from '../../../protocol/panel';
import { patience } from '../vscode/launch';
import themes from './themes.json';

export type Theme = keyof typeof themes;

export interface PanelPage {
  readonly page: Page;
  /** Address of the served report folder, as `base` in the messages. */
  readonly base: string;
  readonly send: (message: ToPanel) => Promise<void>;
  /** From now on, and for what was asked already, the panel gets the raw maps that it asks for out of this file. */
  readonly giveMaps: (file: Buffer) => Promise<void>;
  /** What the panel has sent so far. */
  readonly received: () => Promise<FromPanel[]>;
  /** Waits for the next message of a type, or takes one that has come already. */
  readonly waitFor: (type: FromPanel['type']) => Promise<void>;
  /** Errors of the page and breaches of its policy. */
  readonly problems: string[];
  readonly close: () => Promise<void>;
}

export interface PanelOptions {
  readonly theme: Theme;
  readonly width: number;
  readonly height: number;
  /** Report folder to serve. */
  readonly folder: string;
  /** Which page of the extension; the report's if left out. */
  readonly bundle?: 'panel' | 'evaluation';
  /** Of the texts; English if left out. */
  readonly language?: string;
  /** A message, in JavaScript, that is sent as soon as the page's script begins. */
  readonly early?: string;
}

const types: Readonly<Record<string, string>> = {
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.html': 'text/html; charset=utf-8',
};

const themeSheet = (theme: Theme): string => {
  const variables = Object.entries(themes[theme]).map(([name, value]) => `${name}: ${value};`);
  return `:root { ${variables.join(' ')} }`;
};

/** Marks what is translated: of a language that nobody speaks. */
export const MARKED = 'x-marked';

/** The texts that the editor would hand over. */
async function textsOf(language: string): Promise<Record<string, string>> {
  if (language === 'en') return {};
  const file = language === MARKED ? 'bundle.l10n.json' : `bundle.l10n.${language}.json`;
  const texts = JSON.parse(await readFile(resolve('l10n', file), 'utf8')) as Record<string, string>;
  if (language !== MARKED) return texts;
  return Object.fromEntries(Object.entries(texts).map(([text, translation]) => [text, `⟦${translation}⟧`]));
}

/** Serves the page, the built panel and one report folder. */
async function serve({ folder, theme, language = 'en', bundle = 'panel' }: PanelOptions): Promise<Server> {
  const dist = resolve('dist');
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
    const answer = async (): Promise<string | Buffer> => {
      if (path === '/')
        return panelPage({
          nonce: 'n0nce',
          styleNonce: 'styleN0nce',
          source: "'self'",
          script: `/dist/${bundle}.js`,
          style: '/panel.css',
          language: language === MARKED ? 'en' : language,
          texts: await textsOf(language),
        });
      if (path === '/favicon.ico') return '';
      if (path === '/panel.css')
        return `${themeSheet(theme)}\n${await readFile(join(dist, `${bundle}.css`), 'utf8')}`;
      const root = path.startsWith('/dist/') ? dist : folder;
      const file = join(root, path.replace(/^\/(?:dist|report)\//, ''));
      if (!isInside(file, root)) throw new Error('outside');
      return readFile(file);
    };
    answer().then(
      (body) => {
        response.setHeader('content-type', types[extname(path) || '.html'] ?? 'application/octet-stream');
        response.end(body);
      },
      () => {
        response.statusCode = 404;
        response.end();
      },
    );
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return server;
}

/** What VS Code gives a webview, with the messages kept for the test to read. */
const scriptedEditor = `
  const kept = sessionStorage.getItem('memory');
  window.received = [];
  let file = null;
  const decoded = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const answer = ({ folder, slices }) => {
    const parts = slices.map(({ offset, width, height }) => file.subarray(offset, offset + 4 * width * height));
    const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      bytes.set(part, at);
      at += part.length;
    }
    window.postMessage({ type: 'maps', folder, slices, bytes: bytes.buffer });
  };
  window.giveMaps = (text) => {
    file = decoded(text);
    window.received.filter(({ type }) => type === 'maps').forEach(answer);
  };
  window.acquireVsCodeApi = () => ({
    postMessage: (message) => {
      window.received.push(message);
      if (message.type === 'maps' && file) answer(message);
    },
    getState: () => kept === null ? undefined : JSON.parse(kept),
    setState: (memory) => sessionStorage.setItem('memory', JSON.stringify(memory)),
  });
`;

const earlier = (message: string): string => `{
  const acquire = window.acquireVsCodeApi;
  window.acquireVsCodeApi = () => {
    window.postMessage(${message});
    return acquire();
  };
}`;

/** As the extension sends it, in JavaScript. @param gzipped as a long report is */
export function sent(message: ToPanel, gzipped = false): string {
  if (message.type !== 'report') return JSON.stringify(message satisfies SentToPanel);
  const { report, ...shown } = message;
  const text = Buffer.from(JSON.stringify(report));
  const bytes = (gzipped ? gzipSync(text) : text).toString('base64');
  const json = `Uint8Array.from(atob('${bytes}'), (c) => c.charCodeAt(0)).buffer`;
  return `{ ...${JSON.stringify(shown)}, json: ${json}, gzipped: ${gzipped} }`;
}

export async function openPanel(browser: Browser, options: PanelOptions): Promise<PanelPage> {
  const server = await serve(options);
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { width, height, theme } = options;
  const context: BrowserContext = await browser.newContext({
    viewport: { width, height },
    forcedColors: 'none',
    colorScheme: theme.includes('light') ? 'light' : 'dark',
  });
  context.setDefaultTimeout(patience);
  const problems: string[] = [];
  const page = await context.newPage();
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  await page.addInitScript(scriptedEditor);
  if (options.early !== undefined) await page.addInitScript(earlier(options.early));
  await page.goto(address);
  const received = () => page.evaluate<FromPanel[]>('window.received');
  const waitFor = async (type: FromPanel['type']) => {
    // The page's policy forbids Playwright's own waiting, which evaluates a string in it.
    for (const until = Date.now() + patience; Date.now() < until;) {
      if ((await received()).some((message) => message.type === type)) return;
      await page.waitForTimeout(50);
    }
    throw new Error(`The panel did not send ${type}.`);
  };
  const send = async (message: ToPanel) => {
    await page.evaluate(`window.postMessage(${sent(message)})`);
  };
  const giveMaps = async (file: Buffer) => {
    await page.evaluate(`window.giveMaps(${JSON.stringify(file.toString('base64'))})`);
  };
  await waitFor('ready');
  const close = async () => {
    await context.close();
    await new Promise((closed) => server.close(closed));
  };
  return { page, base: `${address}/report`, send, giveMaps, received, waitFor, problems, close };
}
