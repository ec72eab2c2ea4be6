/** The words of protocol/ that extension and pages translate when they show them (`translated`): reports and the command line have them in English. */
import { LENS_ORIGIN_TITLES } from '../../protocol/lens-words';
import { STEPS } from '../../protocol/steps';
import {
  ANALYSIS_STEPS,
  BUILT_IN_LENSES,
  CAM_METHODS,
  CROP_MODES,
  DETECTORS,
  DETECTOR_CHOICES,
  DEVICES,
  DEVICE_CHOICES,
  HEALTH_MARKS,
  type Word,
} from '../../protocol/vocabulary';

const titled: readonly (readonly Pick<Word, 'title'>[])[] = [
  ...[ANALYSIS_STEPS, CAM_METHODS, DETECTORS, DEVICES, HEALTH_MARKS, Object.values(STEPS)],
];

const explained: readonly (readonly Word[])[] = [
  BUILT_IN_LENSES,
  CROP_MODES,
  DETECTOR_CHOICES,
  DEVICE_CHOICES,
];

/** Each once. */
export const declaredWords = (): readonly string[] => [
  ...new Set([
    ...Object.values(LENS_ORIGIN_TITLES),
    ...titled.flat().map(({ title }) => title),
    ...explained.flat().flatMap(({ title, help }) => [title, ...(help === undefined ? [] : [help])]),
  ]),
];
