/** server/src/architectures/families.ts: every family that a file of that folder exports. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../setup.mjs';
import { bring, read } from './files';

const FOLDER = 'server/src/architectures';
const LIST = 'families.ts';
const FAMILY = /^export const (\w+): readonly Architecture\[\] =/gm;

/** The list itself, and the registry that gathers what it lists. */
const NO_FAMILIES: ReadonlySet<string> = new Set([LIST, 'registry.ts']);

/** By the file's name, in the order of the alphabet; of one file in its own order. */
const families = readdirSync(join(root, FOLDER))
  .filter((file) => file.endsWith('.ts') && !NO_FAMILIES.has(file))
  .sort()
  .map((file) => ({
    from: `./${file.slice(0, -'.ts'.length)}`,
    names: [...read(`${FOLDER}/${file}`).matchAll(FAMILY)].flatMap(([, name]) => name ?? []),
  }))
  .filter(({ names }) => names.length > 0);

const text = `/** Every family of networks. Written by \`npm run declare\` from the files beside it that export one: do not edit. */
${families.map(({ from, names }) => `import { ${names.join(', ')} } from '${from}';`).join('\n')}
import type { Architecture } from './network';

export const families: readonly (readonly Architecture[])[] = [
${families.flatMap(({ names }) => names.map((name) => `  ${name},`)).join('\n')}
];
`;

/** @returns the files that were not up to date, and now are */
export const writeFamilies = (): Promise<readonly string[]> => bring(`${FOLDER}/${LIST}`, () => text);
