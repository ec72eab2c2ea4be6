/** The parts of protocol/report.schema.json that are declared in vocabulary.ts and options.ts: enumerations, and what was requested. */
import { LENS_KEYS, LENS_ORIGINS } from '../../protocol/lens';
import type { OptionRow } from '../../protocol/option-row';
import { optionRows } from '../../protocol/options';
import {
  ACTIVATIONS,
  CAM_METHODS,
  CLASSIFIER_KINDS,
  CROP_MODES,
  DETECTORS,
  DEVICES,
  HEALTH_MARKS,
  WARNING_CODES,
  idsOf,
} from '../../protocol/vocabulary';
import { writeReportCheck } from '../report-check.mjs';
import { bring, json } from './files';

const FILE = 'protocol/report.schema.json';

/** Where a list of words stands below `definitions`. */
const enumerations: Readonly<Record<string, readonly string[]>> = {
  'camMethod/enum': idsOf(CAM_METHODS),
  'deviceName/enum': idsOf(DEVICES),
  'detection/properties/detector/enum': idsOf(DETECTORS),
  'detection/properties/crop/properties/mode/enum': [...idsOf(CROP_MODES), 'whole'],
  'layer/properties/health/items/enum': idsOf(HEALTH_MARKS),
  'activation/properties/kind/enum': idsOf(ACTIVATIONS),
  'classifier/properties/kind/enum': idsOf(CLASSIFIER_KINDS),
  'lens/properties/values/items/properties/key/enum': LENS_KEYS,
  'lens/properties/values/items/properties/origin/enum': LENS_ORIGINS,
  'warning/properties/code/enum': WARNING_CODES,
};

/** What a report says of an option. */
function recordedForm({ kind, default: standard, recorded }: OptionRow): object {
  const orNull = standard === null && recorded === 'asked';
  const nullable = (type: string) => (orNull ? [type, 'null'] : type);
  switch (kind.is) {
    case 'text':
    case 'path':
      return { type: nullable('string'), minLength: 1 };
    case 'word':
      return { enum: [...kind.words.map(({ id }) => id), ...(orNull ? [null] : [])] };
    case 'words':
      return {
        type: nullable('array'),
        items: { enum: kind.words.map(({ id }) => id) },
        minItems: 1,
        uniqueItems: true,
      };
    case 'count':
      return { type: nullable('integer'), minimum: 1 };
    case 'number':
      return { type: nullable('number') };
    case 'box':
      return { anyOf: [{ $ref: '#/definitions/box' }, ...(orNull ? [{ type: 'null' }] : [])] };
    case 'strokes':
      return { anyOf: [{ $ref: '#/definitions/strokes' }, ...(orNull ? [{ type: 'null' }] : [])] };
  }
}

function optionsForm(): object {
  const rows = optionRows.filter(({ recorded }) => recorded !== null);
  return {
    type: 'object',
    additionalProperties: false,
    required: rows.filter(({ younger }) => younger !== true).map(({ name }) => name),
    properties: Object.fromEntries(rows.map((row) => [row.name, recordedForm(row)])),
  };
}

interface Tree {
  [key: string]: Tree;
}

/** @throws Error where there is nothing at a path: an enumeration that has moved must not be left behind */
function put(tree: Tree, path: string, value: unknown): void {
  const keys = path.split('/');
  const last = keys.pop() ?? '';
  const parent = keys.reduce<Tree | undefined>((at, key) => at?.[key], tree);
  if (parent?.[last] === undefined) throw new Error(`${FILE}: there is no definitions/${path}.`);
  parent[last] = value as Tree;
}

/** The schema, and the check that is generated from it. @returns the files that were not up to date */
export async function writeSchema(): Promise<readonly string[]> {
  const changed = await bring(FILE, (present) => {
    const schema = JSON.parse(present) as { readonly definitions: Tree };
    for (const [path, words] of Object.entries(enumerations)) put(schema.definitions, path, words);
    put(schema.definitions, 'options', optionsForm());
    return json(FILE, schema);
  });
  return (await writeReportCheck()) ? [...changed, 'protocol/report-check.ts'] : changed;
}
