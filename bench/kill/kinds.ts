/** Every kind of killing. To add one: a file here, and an entry. The command and the sample in `npm test` come with it. */
import { openCli } from './cli';
import { openDownload } from './download';
import { openEngine } from './engine';
import { openImport } from './import';
import type { KillKind } from './kind';

export const kinds: readonly KillKind[] = Object.freeze([
  {
    name: 'engine',
    about: 'the engine of the language server, during an analysis and between two',
    kills: 50,
    open: openEngine,
  },
  {
    name: 'cli',
    about: 'the command line during an analysis, with a warm cache and with a cold one',
    kills: 30,
    open: openCli,
  },
  {
    name: 'import',
    about: 'the import of a checkpoint into the store',
    kills: 20,
    open: openImport,
  },
  {
    name: 'download',
    about: 'the download of a model card’s file',
    kills: 20,
    open: openDownload,
  },
]);

/** @throws Error that lists what there is */
export function findKind(name: string): KillKind {
  const found = kinds.find((kind) => kind.name === name);
  if (found !== undefined) return found;
  throw new Error(`There is no kind "${name}"; there are ${kinds.map((kind) => kind.name).join(', ')}.`);
}
