/** What is known of a recognized network: FSBI's own, and the presets of the libraries that others come from. */
import { builtInLens } from '../lens-file';
import { OWN } from '../lens-paths';
import { namedIn, withClasses } from '../narrow-presets';
import type { Preset } from '../presets';
import { describePreset, different, presetsOf, stepsOf } from '../presets';
import type { ModelFacts, LensSource } from '../values';
import { fromLens } from './from-lens';

type Facts = Pick<ModelFacts, 'architecture' | 'classes' | 'name' | 'path' | 'sha256'>;

/** Null for graphs, and for networks that nothing is known of. */
export async function fromArchitecture(facts: Facts): Promise<LensSource | null> {
  const { architecture, classes } = facts;
  if (architecture === 'onnx') return null;
  const own = builtInLens('fsbi');
  if (own !== null && own.lens.model === architecture && (await classes()) === FACES)
    return fromLens(own, 'architecture', 'The lens fsbi', OWN);
  const presets = presetsOf(architecture);
  return presets.length === 0 ? null : chosen(facts, presets);
}

/** Real and fake. */
const FACES = 2;

/**
 * The preset whose weights these are by checksum. Else, of those with as many classes, the one that the
 * file's path names, which proves nothing, or the most likely one: a guess if the library has others.
 */
async function chosen(facts: Facts, all: readonly Preset[]): Promise<LensSource> {
  const { architecture, sha256, classes, name, path } = facts;
  const presets = withClasses(all, all.length > 1 ? await classes() : null);
  const hash = all.some((preset) => preset.sha256 !== undefined) ? await sha256() : null;
  const same = all.find((preset) => preset.sha256 !== undefined && hash?.startsWith(preset.sha256) === true);
  const named = same === undefined && presets.length > 1 ? namedIn(presets, path ?? name) : null;
  const preset = same ?? likeliest(named?.presets ?? presets);
  const steps = stepsOf(preset);
  const others =
    same === undefined
      ? different([preset, ...presets])
          .slice(1)
          .map(describePreset)
      : [];
  const detail =
    same === undefined
      ? `${libraryOf(architecture)} prepares pictures this way for ${preset.weights}${named === null ? '' : `, by the name “${named.word}” in the file's path`}`
      : `these are ${preset.weights}, by the file's checksum`;
  const library = libraryOf(architecture);
  return {
    origin: 'architecture',
    lens: library === 'torchvision' ? { name: 'torchvision', path: null, derived: true } : null,
    subject: `The preset of ${preset.weights}`,
    values: {
      preprocess: { value: steps, detail, ...(others.length === 0 ? {} : { others }) },
      'input.size': { value: [preset.crop, preset.crop], detail },
      'detector.use': { value: 'none', detail: `${architecture} classifies whole pictures` },
    },
  };
}

/** Of several the first that prepares pictures as most of them do. */
function likeliest(presets: readonly Preset[]): Preset {
  const count = (preset: Preset): number =>
    presets.filter((other) => JSON.stringify(stepsOf(other)) === JSON.stringify(stepsOf(preset))).length;
  return presets.reduce((best, next) => (count(next) > count(best) ? next : best));
}

const libraryOf = (architecture: string): string => architecture.slice(0, architecture.indexOf('/'));
