/** The extension's texts in the editor's display language. */
import { env, l10n } from 'vscode';

/**
 * A text in the display language, `{0}` and so on replaced by the values. The text is its own key, so it is given as a literal: a test
 * holds that every one is translated (`npm run l10n`).
 */
export const t = (text: string, ...values: readonly (string | number)[]): string => l10n.t(text, ...values);

/** A word or sentence that protocol/ declares, such as the title of a choice, which is its own key. */
export const translated = (word: string): string => l10n.t(word);

/** Of the texts: English where the display language has none. */
export const language = (): string => (l10n.bundle === undefined ? 'en' : env.language);

/** A count in prose. */
export const whole = (count: number): string => count.toLocaleString(language());

/** 0..1 as a percentage with one decimal, in prose. */
export const percent = (share: number): string =>
  share.toLocaleString(language(), { style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1 });
