/** The command line's words turned into typed options; every mistake is named with what would be right. */
import { parseArgs } from 'node:util';
import { resolve } from 'node:path';
import type { AnalysisOptions } from '../../../protocol/analysis';
import { maxSizeRange, memoryLimitRange } from '../../../protocol/analysis';
import type { BoxReport, CamMethod } from '../../../protocol/report';
import { LensError } from '../errors';
import {
  ACTIVATION_CHOICES,
  CAM_METHODS,
  CROP_MODES,
  DETECTOR_CHOICES,
  DEVICE_CHOICES,
  idsOf,
} from '../../../protocol/vocabulary';

export interface AnalyzeCommand {
  readonly images: readonly string[];
  readonly options: AnalysisOptions;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly force: boolean;
}

export const DEFAULT_OUTPUT = 'inference-lens-report';

const spec = {
  pipeline: { type: 'string' },
  weights: { type: 'string' },
  architecture: { type: 'string' },
  'state-dict': { type: 'string' },
  target: { type: 'string' },
  activation: { type: 'string', default: 'auto' },
  detector: { type: 'string', default: 'auto' },
  box: { type: 'string' },
  crop: { type: 'string' },
  'max-size': { type: 'string' },
  method: { type: 'string', multiple: true },
  device: { type: 'string', default: 'auto' },
  threads: { type: 'string' },
  'memory-limit': { type: 'string' },
  output: { type: 'string', short: 'o', default: DEFAULT_OUTPUT },
  json: { type: 'boolean', default: false },
  quiet: { type: 'boolean', short: 'q', default: false },
  force: { type: 'boolean', short: 'f', default: false },
} as const;

/** @throws LensError of kind `usage` */
export function parseAnalyze(args: readonly string[]): AnalyzeCommand {
  const { values, positionals } = parseStrict(() =>
    parseArgs({ args: [...args], options: spec, allowPositionals: true, strict: true }),
  );
  if (positionals.length === 0) {
    throw new LensError('usage', 'No image was given.', {
      fix: 'For example: inference-lens analyze face.jpg',
    });
  }
  return {
    images: positionals.map((path) => resolve(path)),
    json: values.json,
    quiet: values.quiet,
    force: values.force,
    options: {
      pipeline: values.pipeline ?? null,
      weights: values.weights ?? null,
      architecture: values.architecture ?? null,
      stateDict: values['state-dict'] ?? null,
      target: values.target ?? null,
      activation: oneOf('--activation', values.activation, idsOf(ACTIVATION_CHOICES)),
      detector: oneOf('--detector', values.detector, idsOf(DETECTOR_CHOICES)),
      box: values.box === undefined ? null : parseBox(values.box),
      crop: values.crop === undefined ? null : oneOf('--crop', values.crop, idsOf(CROP_MODES)),
      maxSize:
        values['max-size'] === undefined
          ? null
          : positiveInteger('--max-size', values['max-size'], ...maxSizeRange),
      methods: parseMethods(values.method),
      device: oneOf('--device', values.device, idsOf(DEVICE_CHOICES)),
      threads: values.threads === undefined ? null : positiveInteger('--threads', values.threads, 1, 512),
      memoryLimit:
        values['memory-limit'] === undefined
          ? null
          : positiveInteger('--memory-limit', values['memory-limit'], ...memoryLimitRange),
      output: resolve(values.output),
    },
  };
}

/** Runs Node's parser and turns its complaint into a usage error. @throws LensError of kind `usage` */
export function parseStrict<T>(parse: () => T): T {
  try {
    return parse();
  } catch (thrown) {
    const [reason] = (thrown instanceof Error ? thrown.message : String(thrown)).split('. ');
    throw new LensError('usage', `${reason ?? 'The options cannot be read'}.`, {
      cause: thrown,
      fix: 'Run `inference-lens --help` for every option. A file name that starts with - goes after --.',
    });
  }
}

function parseMethods(given: readonly string[] | undefined): readonly CamMethod[] {
  const names = (given ?? []).flatMap((word) => word.split(',')).filter((word) => word !== '');
  const methods = names.flatMap((name) =>
    name === 'all' ? idsOf(CAM_METHODS) : [oneOf('--method', name, idsOf(CAM_METHODS))],
  );
  return methods.length === 0 ? ['gradcam'] : [...new Set(methods)];
}

function parseBox(text: string): BoxReport {
  const numbers = text.split(/[\s,]+/).map((word) => (word === '' ? NaN : Number(word)));
  const [x0, y0, x1, y1, ...rest] = numbers;
  const complete =
    x0 !== undefined && y0 !== undefined && x1 !== undefined && y1 !== undefined && rest.length === 0;
  if (!complete || !numbers.every(Number.isFinite) || x1 <= x0 || y1 <= y0) {
    throw new LensError(
      'usage',
      `--box expects x0,y0,x1,y1 in pixels with x1 > x0 and y1 > y0; found "${text}".`,
      {
        fix: 'For example: --box 173,68,280,174',
      },
    );
  }
  return [x0, y0, x1, y1];
}

/** @throws LensError of kind `usage` */
export function oneOf<T extends string>(option: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((word) => word === value);
  if (found !== undefined) return found;
  throw new LensError('usage', `${option} expects one of ${allowed.join(', ')}; found "${value}".`);
}

function positiveInteger(option: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new LensError('usage', `${option} expects a whole number from ${least} to ${most}; found "${text}".`);
}
