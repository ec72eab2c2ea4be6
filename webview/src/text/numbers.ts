/**
 * How numbers are written. What was measured has a decimal point in every language, as in report.json and in Python: it is compared,
 * copied and pasted. Counts and percentages stand in sentences, and are written as the display language does.
 */
import { percentage, writtenShare } from '../../../protocol/percentage';
import type { Real } from '../../../protocol/report';
import { language } from '../l10n';

export const real = (value: Real): number => (typeof value === 'number' ? value : Number(value));

/** Whole numbers as they are, others with four decimals; small or large ones with an exponent, so that two digits that count are always written. */
export function decimals(value: Real): string {
  const number = real(value);
  if (Number.isNaN(number)) return 'NaN';
  if (!Number.isFinite(number)) return number > 0 ? '∞' : '−∞';
  const size = Math.abs(number);
  if (Number.isInteger(number) && size < 1e5) return String(number).replace('-', '−').replace(/^−0$/, '0');
  const text = size < 1e-3 || size >= 1e5 ? number.toExponential(2) : number.toFixed(4);
  return text.replaceAll('-', '−');
}

/** The first number and the first date of a page take the browser 35 ms, while its formats are loaded: better before there is a report. */
export function loadFormats(): void {
  percent(0);
  moment(new Date(0).toISOString());
}

const shares = new Map<string, Intl.NumberFormat>();

/** @param digits behind the point */
function percentIn(locale: string, share: number, digits: number): string {
  const key = `${locale} ${digits}`;
  const format =
    shares.get(key) ??
    new Intl.NumberFormat(locale, {
      style: 'percent',
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    });
  shares.set(key, format);
  return format.format(share);
}

/** 0..1 as a percentage with one decimal, as `percentage` but in the display language. */
export function percent(value: Real): string {
  if (!Number.isFinite(real(value))) return decimals(value);
  const { sign, share } = writtenShare(real(value));
  return `${sign}${percentIn(language, share, 1)}`;
}

/** The same without decimals. */
export const wholePercent = (share: number): string => percentIn(language, share, 0);

/** The same in text that is copied, which is English everywhere. */
export const copiedPercent = (value: Real): string =>
  Number.isFinite(real(value)) ? percentage(real(value)) : decimals(value);

/** Made when a time is written first, which takes longer than a page's other texts together. */
let moments: Intl.DateTimeFormat | undefined;

/** A point in time, as the display language has it; a report may say anything. @param time ISO 8601 */
export function moment(time: string): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return time;
  moments ??= new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'medium' });
  return moments.format(date);
}

/** A count in a sentence. */
export const whole = (count: number): string => count.toLocaleString(language);

/** [1, 48, 190, 190] as `48×190×190`: the batch dimension is always 1. */
export const shape = (dimensions: readonly number[]): string => dimensions.slice(1).join('×');

export function bytes(count: number): string {
  if (count < 1000) return `${count} B`;
  if (count < 1e6) return `${(count / 1e3).toFixed(1)} kB`;
  return `${(count / 1e6).toFixed(1)} MB`;
}

export function milliseconds(value: number): string {
  return value < 1000 ? `${value.toFixed(0)} ms` : `${(value / 1000).toFixed(1)} s`;
}

/** 30389784 as `30.4 M`. */
export function count(value: number): string {
  if (value < 1e4) return String(value);
  return value < 1e6 ? `${(value / 1e3).toFixed(1)} k` : `${(value / 1e6).toFixed(1)} M`;
}

/** Short enough for a cell: three digits that count, zeros at the end with them; two with an exponent. */
export function compact(value: number): string {
  if (!Number.isFinite(value) || value === 0) return decimals(value);
  const size = Math.abs(value);
  const text =
    size < 1e-2 || size >= 1e4
      ? value.toExponential(1).replace('e+', 'e')
      : size < 999.5
        ? value.toPrecision(3)
        : value.toFixed(0);
  return text.replaceAll('-', '−');
}
