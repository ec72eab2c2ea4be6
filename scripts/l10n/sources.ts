/** The files of extension and pages, and what is found in them. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../setup.mjs';
import { scan, type Found, type Scanned } from './scan';

/** Files whose texts stay English, and why. */
export const ENGLISH: Readonly<Record<string, string>> = {
  'client/src/agents/tools.ts': 'what a language model is told',
  'client/src/panel/html.ts': 'the page itself',
  'client/src/server/runtime.ts': 'the log, and errors that are read with it',
  'webview/src/picture/exported.ts': 'SVG',
  'webview/src/text/summary.ts': 'copied text, which is English like the report',
  'webview/src/text/tables.ts': 'heads of copied tables, which programs read',
};

const FOLDERS = ['client/src', 'webview/src'];

const sourceFiles = (): readonly string[] =>
  FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /(?<!\.d)\.tsx?$/.test(name))
      .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
      .sort(),
  );

export interface ScannedFile extends Scanned {
  readonly path: string;
}

export const scanAll = (): readonly ScannedFile[] =>
  sourceFiles().map((path) => ({ path, ...scan(path, readFileSync(join(root, path), 'utf8')) }));

/** What is shown in English whatever the display language. */
export const untranslated = (files: readonly ScannedFile[]): readonly Found[] =>
  files.filter(({ path }) => !(path in ENGLISH)).flatMap((file) => file.untranslated);
