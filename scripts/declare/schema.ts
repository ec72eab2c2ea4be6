/** The parts of protocol/report.schema.json that are declared in vocabulary.ts: what its enumerations allow. */
import {
  ACTIVATIONS,
  CAM_METHODS,
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
  'warning/properties/code/enum': WARNING_CODES,
};

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
    return json(FILE, schema);
  });
  return (await writeReportCheck()) ? [...changed, 'protocol/report-check.ts'] : changed;
}
