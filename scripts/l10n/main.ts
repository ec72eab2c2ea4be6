/** `npm run l10n`: brings l10n/ up to date with the sources, and says what is to be translated; a test does the same, and fails if it had to. */
import { writeBundles } from './bundles';
import { scanAll, untranslated } from './sources';

async function main(): Promise<void> {
  const { changed, missing } = await writeBundles();
  for (const { text, at } of untranslated(scanAll())) console.log(`${at}: shown in English: ${text}`);
  for (const { language, text } of missing) console.log(`${language}: not translated: ${text}`);
  console.log(changed.length === 0 ? 'Every bundle is up to date.' : `Written: ${changed.join(', ')}`);
}

void main();
