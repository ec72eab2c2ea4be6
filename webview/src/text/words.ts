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
import { translated, t } from '../l10n';

/** In the display language. */
const inDisplayLanguage = <Id extends string>(
  titles: Readonly<Record<Id, string>>,
): Readonly<Record<Id, string>> =>
  Object.fromEntries(
    Object.entries<string>(titles).map(([id, title]) => [id, translated(title)]),
  ) as Readonly<Record<Id, string>>;

export const methodTitles = inDisplayLanguage(titlesOf(CAM_METHODS));
export const deviceTitles = inDisplayLanguage(titlesOf(DEVICES));

/** Of an evaluation or report that may come from a program to come. */
export const deviceTitle = (id: string): string =>
  Object.entries<string>(deviceTitles).find(([known]) => known === id)?.[1] ?? id;

export const detectorTitles = inDisplayLanguage(titlesOf(DETECTORS));
const FORMATS: Readonly<Record<string, string>> = { webp: 'WebP' };
const COLORS: Readonly<Record<string, string>> = {
  srgb: 'sRGB',
  rgb16: 'RGB',
  'b-w': t('grayscale'),
  grey16: t('grayscale'),
};

/** A file format as people write it: `PNG`. */
export const formatTitle = (format: string): string => FORMATS[format] ?? format.toUpperCase();

/** What the decoder calls a color space, as people write it: `sRGB`. */
export const colorTitle = (space: string): string => COLORS[space] ?? space.toUpperCase();

export const healthTitles = inDisplayLanguage(titlesOf(HEALTH_MARKS));
export const analysisStepTitles = inDisplayLanguage(titlesOf(ANALYSIS_STEPS));
export const originTitles = inDisplayLanguage(LENS_ORIGIN_TITLES);

/** The marks of a broken layer; the others are remarks. */
export const grave: ReadonlySet<HealthMark> = new Set(
  HEALTH_MARKS.filter((mark) => mark.grave).map(({ id }) => id),
);
