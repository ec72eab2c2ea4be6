/** Numbers as the view writes them. */

export const digits = (value: number | null): string =>
  value === null ? 'not defined' : String(Number(value.toPrecision(4)));

export const whole = (count: number): string => count.toLocaleString('en-US');
