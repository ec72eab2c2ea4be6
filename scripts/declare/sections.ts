/** webview/src/views/sections.ts: every section of a report that a file of that folder exports, in the order of their places. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../setup.mjs';
import { bring, read } from './files';

const FOLDER = 'webview/src/views';
const LIST = 'sections.ts';
const SECTION = /^export const (\w+): ReportSection = \{ place: (\d+)/gm;

const sections = readdirSync(join(root, FOLDER))
  .filter((file) => file.endsWith('.tsx'))
  .sort()
  .flatMap((file) =>
    [...read(`${FOLDER}/${file}`).matchAll(SECTION)].map(([, name = '', place]) => ({
      name,
      from: `./${file.slice(0, -'.tsx'.length)}`,
      place: Number(place),
    })),
  );

const inOrder = sections.toSorted((a, b) => a.place - b.place);

const text = `/** The sections of a report, from top to bottom. Written by \`npm run declare\` from the files beside it that export one: do not edit. */
${sections.map(({ name, from }) => `import { ${name} } from '${from}';`).join('\n')}
import type { ReportSection } from './Section';

export const sections: readonly ReportSection[] = [
${inOrder.map(({ name }) => `  ${name},`).join('\n')}
];
`;

/** @returns the files that were not up to date, and now are */
export const writeSections = (): Promise<readonly string[]> => bring(`${FOLDER}/${LIST}`, () => text);
