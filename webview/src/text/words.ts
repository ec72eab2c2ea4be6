/** The names of things whose ids come from the protocol. */
import {
  CAM_METHODS,
  DETECTORS,
  DEVICES,
  HEALTH_MARKS,
  titlesOf,
  type HealthMark,
} from '../../../protocol/vocabulary';

export const methodTitles = titlesOf(CAM_METHODS);
export const deviceTitles = titlesOf(DEVICES);
export const detectorTitles = titlesOf(DETECTORS);
export const healthTitles = titlesOf(HEALTH_MARKS);

/** The marks of a broken layer; the others are remarks. */
export const grave: ReadonlySet<HealthMark> = new Set(
  HEALTH_MARKS.filter((mark) => mark.grave).map(({ id }) => id),
);
