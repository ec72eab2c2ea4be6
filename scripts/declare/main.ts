/** `npm run declare`: brings up to date what is written from protocol/vocabulary.ts; a test does the same, and fails if it had to. */
import { writeDeclared } from './all';

void writeDeclared().then((changed) => {
  console.log(changed.length === 0 ? 'Everything is up to date.' : `Written: ${changed.join(', ')}`);
});
