/** How long ago something was, as a list words it. */
import { language, t } from '../l10n';

const UNITS = [
  [365 * 86_400, 'year'],
  [30 * 86_400, 'month'],
  [86_400, 'day'],
  [3_600, 'hour'],
  [60, 'minute'],
] as const;

/** @param time ISO 8601. @param now milliseconds since 1970 */
export function ageOf(time: string, now: number): string {
  const seconds = (now - Date.parse(time)) / 1000;
  const found = UNITS.find(([length]) => seconds >= length);
  if (found === undefined) return t('just now');
  const [length, unit] = found;
  return new Intl.RelativeTimeFormat(language(), { style: 'short' }).format(
    -Math.floor(seconds / length),
    unit,
  );
}
