/** Numbers as the model view shows them. */
import { t } from '../l10n';

export { whole } from '../text/numbers';

/** 3.50 M; the exact number stands in the tooltip. */
export function short(value: number, unit = ''): string {
  const scales = [
    [1e12, 'T'],
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ] as const;
  const scale = scales.find(([least]) => value >= least);
  if (scale === undefined) return unit === '' ? String(value) : `${value} ${unit}`;
  const [least, letter] = scale;
  return `${(value / least).toPrecision(3)} ${letter}${unit}`;
}

export const number = (value: number | null): string =>
  value === null ? '–' : String(Number(value.toPrecision(4)));

export const shapeText = (shape: readonly (number | string)[] | null): string =>
  shape === null ? '' : shape.length === 0 ? t('scalar') : shape.join(' × ');
