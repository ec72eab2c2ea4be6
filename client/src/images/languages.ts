/** The languages in whose texts paths of images are looked for; also in the manifest. */
import type { DocumentSelector, TextDocument } from 'vscode';

export const LANGUAGES = [
  ...['python', 'typescript', 'typescriptreact', 'javascript', 'javascriptreact'],
  ...['markdown', 'json', 'jsonc', 'yaml', 'csv'],
] as const;

const SCHEMES = ['file', 'vscode-notebook-cell'] as const;

export const selector: DocumentSelector = LANGUAGES.flatMap((language) =>
  SCHEMES.map((scheme) => ({ language, scheme })),
);

export const isLookedAt = ({ languageId, uri }: TextDocument): boolean =>
  LANGUAGES.some((language) => language === languageId) && SCHEMES.some((scheme) => scheme === uri.scheme);
