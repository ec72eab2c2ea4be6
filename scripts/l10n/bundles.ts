/** The bundles of l10n/: English, from which the others are translated, and one for each language. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { bring, json } from '../declare/files';
import { root } from '../setup.mjs';
import { scanAll } from './sources';
import { declaredWords } from './words';

export type Bundle = Readonly<Record<string, string>>;

const ENGLISH = 'l10n/bundle.l10n.json';

const read = (file: string): Bundle => JSON.parse(readFileSync(join(root, file), 'utf8')) as Bundle;

/** Every text that is translated, in the order of the alphabet, so that a change is a line. */
export function allTexts(): readonly string[] {
  const used = scanAll().flatMap(({ texts }) => texts.map(({ text }) => text));
  return [...new Set([...used, ...declaredWords()])].sort();
}

/** By the language's id, as the editor names it. */
export const translations = (): ReadonlyMap<string, Bundle> =>
  new Map(
    readdirSync(join(root, 'l10n')).flatMap((name) => {
      const language = /^bundle\.l10n\.([\w-]+)\.json$/.exec(name)?.[1];
      return language === undefined ? [] : [[language, read(`l10n/${name}`)] as const];
    }),
  );

export interface Written {
  /** Files that were not up to date. */
  readonly changed: readonly string[];
  /** Texts that a language lacks. */
  readonly missing: readonly { readonly language: string; readonly text: string }[];
}

/** Brings the bundles up to date: what is gone is taken out; what is new is to be translated by hand. */
export async function writeBundles(): Promise<Written> {
  const texts = allTexts();
  const write = (file: string, bundle: Bundle) => bring(file, () => json(file, bundle));
  const changed = [...(await write(ENGLISH, Object.fromEntries(texts.map((text) => [text, text]))))];
  const missing: { readonly language: string; readonly text: string }[] = [];
  for (const [language, bundle] of translations()) {
    const next = texts.flatMap((text) => {
      const translation = bundle[text] ?? '';
      return translation === '' ? [] : [[text, translation] as const];
    });
    const known = new Set(next.map(([text]) => text));
    missing.push(...texts.filter((text) => !known.has(text)).map((text) => ({ language, text })));
    changed.push(...(await write(`l10n/bundle.l10n.${language}.json`, Object.fromEntries(next))));
  }
  return { changed, missing };
}
