/** What the settings say, as options of an analysis; what they leave open is the pipeline's to decide. */
import { maxSizeRange, memoryLimitRange, type AnalysisOptions } from '../../../protocol/analysis';
import { LensError } from '../errors';
import {
  ACTIVATION_CHOICES,
  CAM_METHODS,
  CROP_MODES,
  DETECTOR_CHOICES,
  DEVICE_CHOICES,
  idsOf,
} from '../../../protocol/vocabulary';

/**
 * @param found the section `inferenceLens`; anything, since it comes from a file that people write
 * @param outputFolder from the setting, which may be empty or relative
 * @throws LensError of kind `usage` naming the setting
 */
export function optionsFrom(found: unknown, outputFolder: (setting: string) => string): AnalysisOptions {
  const all = new Map(found !== null && typeof found === 'object' ? Object.entries(found) : []);
  const text = (name: string): string | null => {
    const value: unknown = all.get(name) ?? '';
    if (typeof value === 'string') return value.trim() || null;
    throw wrong(name, 'a text', value);
  };
  const oneOf = <T extends string>(name: string, allowed: readonly T[]): T | null => {
    const value = text(name);
    if (value === null || value === 'default') return null;
    const word = allowed.find((candidate) => candidate === value);
    if (word === undefined) throw wrong(name, `one of ${allowed.join(', ')}`, value);
    return word;
  };
  return {
    pipeline: text('pipeline'),
    weights: text('weights'),
    architecture: text('architecture'),
    stateDict: text('stateDict'),
    target: text('target'),
    activation: oneOf('activation', idsOf(ACTIVATION_CHOICES)) ?? 'auto',
    detector: oneOf('detector', idsOf(DETECTOR_CHOICES)) ?? 'auto',
    box: null,
    crop: oneOf('crop', idsOf(CROP_MODES)),
    maxSize: wholeNumber('maxSize', all.get('maxSize'), maxSizeRange),
    methods: methods(all.get('methods')),
    device: oneOf('device', idsOf(DEVICE_CHOICES)) ?? 'auto',
    threads: wholeNumber('threads', all.get('threads'), [1, 512]),
    memoryLimit: wholeNumber('memoryLimit', all.get('memoryLimit'), memoryLimitRange),
    output: outputFolder(text('output') ?? ''),
  };
}

export const DEFAULT_IDLE_MINUTES = 10;

/** The most that a timer of Node counts is 24.8 days. */
const MOST_IDLE_MINUTES = 24 * 60;

/** Minutes without work after which the engine is ended; 0 keeps it. @throws LensError of kind `usage` */
export function idleMinutesFrom(found: unknown): number {
  const all = new Map<string, unknown>(
    found !== null && typeof found === 'object' ? Object.entries(found) : [],
  );
  const value = all.get('idleMinutes') ?? DEFAULT_IDLE_MINUTES;
  if (typeof value === 'number' && value >= 0 && value <= MOST_IDLE_MINUTES) return value;
  throw wrong('idleMinutes', `a number from 0 to ${MOST_IDLE_MINUTES}`, value);
}

function methods(value: unknown): AnalysisOptions['methods'] {
  if (value === undefined || value === null) return ['gradcam'];
  const allowed = `a list out of ${idsOf(CAM_METHODS).join(', ')}`;
  if (!Array.isArray(value)) throw wrong('methods', allowed, value);
  const chosen = value.map((item: unknown) => {
    const method = idsOf(CAM_METHODS).find((known) => known === item);
    if (method === undefined) throw wrong('methods', allowed, item);
    return method;
  });
  return chosen.length === 0 ? ['gradcam'] : [...new Set(chosen)];
}

/** Null where the setting says nothing. @throws LensError of kind `usage` naming the setting */
function wholeNumber(
  name: string,
  value: unknown,
  [least, most]: readonly [least: number, most: number],
): number | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
  throw wrong(name, `a whole number from ${least} to ${most}, or null`, value);
}

const wrong = (name: string, expected: string, found: unknown): LensError =>
  new LensError(
    'usage',
    `The setting inferenceLens.${name} should be ${expected}; found ${JSON.stringify(found)}.`,
    {
      fix: `Change inferenceLens.${name} in the settings.`,
    },
  );
