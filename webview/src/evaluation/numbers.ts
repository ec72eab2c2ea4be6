/** Numbers as the view writes them. */

export const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

export const digits = (value: number | null): string =>
  value === null ? 'not defined' : String(Number(value.toPrecision(4)));

export const whole = (count: number): string => count.toLocaleString('en-US');
