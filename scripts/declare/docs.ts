/** The parts of documents that list what is declared: they stand between `<!-- NAME -->` and `<!-- /NAME -->`. */
import { FAILURE_CODES } from '../../protocol/failure-codes';
import { SECTION } from '../../protocol/options';
import { CAM_METHODS, idsOf } from '../../protocol/vocabulary';
import { bring } from './files';
import { lensKeys } from './lens';
import { restrictedSettings, settingRows } from './manifest';
import { stepSections } from './steps';
import { description, listed, openValue, type DescribedSetting } from './text';

const code = (name: string): string => `\`${name}\``;

function standard(row: DescribedSetting): string {
  const value = row.kind.is === 'path' ? '' : (row.default ?? openValue(row));
  return value === '' ? 'empty' : code(typeof value === 'string' ? value : JSON.stringify(value));
}

function meaning(row: DescribedSetting): string {
  const { kind } = row;
  const words = kind.is === 'word' || kind.is === 'words' ? kind.words.map(({ id }) => code(id)) : [];
  return `${description(row)}${words.length === 0 ? '' : ` ${kind.is === 'words' ? 'Any' : 'One'} of ${listed(words, 'or')}.`}`;
}

const settingsTable = (): string =>
  [
    '| setting | default | meaning |',
    '|---|---|---|',
    ...settingRows.map(
      ([name, row]) =>
        `| ${code(`${SECTION}.${name}`)} | ${standard(row)} | ${meaning(row).replaceAll('|', '\\|')} |`,
    ),
  ].join('\n');

const failureTable = (): string =>
  [
    '| code | kind | meaning |',
    '|---|---|---|',
    ...Object.entries(FAILURE_CODES).map(
      ([name, { kind, means }]) => `| ${code(name)} | ${kind} | ${means} |`,
    ),
  ].join('\n');

/** By file and name of the part. */
const parts: Readonly<Record<string, Readonly<Record<string, () => string>>>> = {
  'docs/editor.md': {
    settings: () => `\n${settingsTable()}\n`,
    restricted: () => listed(restrictedSettings.map(code)),
  },
  'docs/failures.md': { codes: () => `\n${failureTable()}\n` },
  'docs/lens.md': { keys: lensKeys },
  'docs/steps.md': { steps: stepSections },
  'README.md': { methods: () => idsOf(CAM_METHODS).map(code).join(', ') },
};

/** @throws Error where a document lacks one of its parts */
function put(file: string, text: string, name: string, part: string): string {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${file}: expected ${begin} and ${end}, found none.`);
  return `${text.slice(0, from)}${begin}${part}${text.slice(to)}`;
}

/** @returns the files that were not up to date */
export async function writeDocs(): Promise<readonly string[]> {
  const changed: string[] = [];
  for (const [file, named] of Object.entries(parts))
    changed.push(
      ...(await bring(file, (present) =>
        Object.entries(named).reduce((text, [name, make]) => put(file, text, name, make()), present),
      )),
    );
  return changed;
}
