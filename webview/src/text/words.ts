/** The names of things whose ids come from the protocol. */
import { LENS_ORIGIN_TITLES } from '../../../protocol/lens-words';
import {
  ANALYSIS_STEPS,
  CAM_METHODS,
  DETECTORS,
  DEVICES,
  HEALTH_MARKS,
  titlesOf,
  type HealthMark,
} from '../../../protocol/vocabulary';
import { said } from '../l10n';

/** In the display language. */
const translated = <Id extends string>(titles: Readonly<Record<Id, string>>): Readonly<Record<Id, string>> =>
  Object.fromEntries(Object.entries<string>(titles).map(([id, title]) => [id, said(title)])) as Readonly<
    Record<Id, string>
  >;

export const methodTitles = translated(titlesOf(CAM_METHODS));
export const deviceTitles = translated(titlesOf(DEVICES));
export const detectorTitles = translated(titlesOf(DETECTORS));
export const healthTitles = translated(titlesOf(HEALTH_MARKS));
export const analysisStepTitles = translated(titlesOf(ANALYSIS_STEPS));
export const originTitles = translated(LENS_ORIGIN_TITLES);

/** The marks of a broken layer; the others are remarks. */
export const grave: ReadonlySet<HealthMark> = new Set(
  HEALTH_MARKS.filter((mark) => mark.grave).map(({ id }) => id),
);
