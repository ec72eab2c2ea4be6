/** The options that a request carries beside the settings, checked: they come from another process. */
import { isAbsolute } from 'node:path';
import { maxSizeRange, memoryLimitRange, type AnalysisOptions } from '../../../protocol/analysis';
import type { BoxReport } from '../../../protocol/report';
import { LensError } from '../errors';
import { record, show } from './parameters';
import {
  ACTIVATION_CHOICES,
  CAM_METHODS,
  CROP_MODES,
  DETECTOR_CHOICES,
  DEVICE_CHOICES,
  idsOf,
} from '../../../protocol/vocabulary';

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === 'string' && value !== '' && !value.includes('\0');
const isCount: Check = (value) => typeof value === 'number' && Number.isInteger(value) && value >= 1;
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);
const oneOf =
  (words: readonly string[]): Check =>
  (value) =>
    words.some((word) => word === value);
const within = (value: number, [least, most]: readonly [number, number]): boolean =>
  value >= least && value <= most;
const isBox = (value: unknown): value is BoxReport =>
  Array.isArray(value) && value.length === 4 && value.every(Number.isFinite);

/** What each option has to be, in words and as a check. */
const rules: Readonly<Record<keyof AnalysisOptions, readonly [expected: string, Check]>> = {
  pipeline: ['a text that is not empty, or null', orNull(isText)],
  weights: ['a text that is not empty, or null', orNull(isText)],
  architecture: ['a text that is not empty, or null', orNull(isText)],
  stateDict: ['a text that is not empty, or null', orNull(isText)],
  target: ['a text that is not empty, or null', orNull(isText)],
  activation: [`one of ${idsOf(ACTIVATION_CHOICES).join(', ')}`, oneOf(idsOf(ACTIVATION_CHOICES))],
  detector: [`one of ${idsOf(DETECTOR_CHOICES).join(', ')}`, oneOf(idsOf(DETECTOR_CHOICES))],
  box: ['four numbers, or null', orNull(isBox)],
  crop: [`one of ${idsOf(CROP_MODES).join(', ')}, or null`, orNull(oneOf(idsOf(CROP_MODES)))],
  maxSize: [
    `a whole number from ${maxSizeRange.join(' to ')}, or null`,
    orNull((value) => isCount(value) && within(Number(value), maxSizeRange)),
  ],
  methods: [
    `a list out of ${idsOf(CAM_METHODS).join(', ')}`,
    (value) => Array.isArray(value) && value.length > 0 && value.every(oneOf(idsOf(CAM_METHODS))),
  ],
  device: [`one of ${idsOf(DEVICE_CHOICES).join(', ')}`, oneOf(idsOf(DEVICE_CHOICES))],
  threads: [
    'a whole number from 1 to 512, or null',
    orNull((value) => isCount(value) && within(Number(value), [1, 512])),
  ],
  memoryLimit: [
    `a whole number from ${memoryLimitRange.join(' to ')}, or null`,
    orNull((value) => isCount(value) && within(Number(value), memoryLimitRange)),
  ],
  output: ['an absolute path', (value) => isText(value) && isAbsolute(String(value))],
};

/** Lua has one empty table for lists and objects, and its editors send it as a list. */
const isEmptyList = (params: unknown): boolean => Array.isArray(params) && params.length === 0;

/** @throws LensError of kind `usage` naming the option */
export function givenOptions(params: unknown): Partial<AnalysisOptions> {
  const given = isEmptyList(params) ? {} : record(params, 'options');
  for (const [name, value] of Object.entries(given)) {
    const rule = Object.entries(rules).find(([known]) => known === name)?.[1];
    if (rule === undefined)
      throw new LensError('usage', `The request's option ${show(name)} is unknown.`, {
        fix: `Options are ${Object.keys(rules).join(', ')}.`,
      });
    const [expected, holds] = rule;
    if (!holds(value))
      throw new LensError(
        'usage',
        `The request's option "${name}" should be ${expected}; found ${show(value)}.`,
      );
  }
  return given;
}
