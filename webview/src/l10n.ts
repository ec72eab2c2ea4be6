/**
 * The page's texts in the editor's display language. Pages cannot ask the editor for translations, so the extension writes those of its
 * bundle into the page as data (client/src/panel/html.ts); what has none is shown in English.
 */

/** As much of a page as is read here: tests read these texts where there is none. */
interface Page {
  readonly documentElement: { readonly lang: string };
  getElementById(id: string): { readonly textContent: string | null } | null;
}

const page = (globalThis as { readonly document?: Page }).document;
const data = page?.getElementById('l10n')?.textContent ?? '{}';
const texts = new Map(Object.entries(JSON.parse(data) as Readonly<Record<string, string>>));

/** Of the texts, as numbers and dates in prose are written. */
export const language = page?.documentElement.lang ?? 'en';

/**
 * A text in the display language, `{0}` and so on replaced by the values. The text is its own key, so it is given as a literal: a test
 * holds that every one is translated (`npm run l10n`).
 */
export const t = (text: string, ...values: readonly (string | number)[]): string =>
  (texts.get(text) ?? text).replace(/\{(\d+)\}/g, (hole, index: string) =>
    String(values[Number(index)] ?? hole),
  );

/** A word or sentence that protocol/ declares, such as the title of a step. Reports say it in English, and so it is the key. */
export const translated = (word: string): string => texts.get(word) ?? word;
