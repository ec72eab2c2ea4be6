/** Numbers as Python prints them, because the reference report was written by Python. */

import type { Real } from '../../../protocol/report';

/** `repr(float)`: shortest digits that read back equal, always with a point or an exponent; `nan`, `inf`. */
export function pythonRepr(value: Real): string {
  const number = Number(value);
  if (Number.isNaN(number)) return 'nan';
  if (!Number.isFinite(number)) return number > 0 ? 'inf' : '-inf';
  const sign = number < 0 || Object.is(number, -0) ? '-' : '';
  const [digits, exponent] = shortestDigits(Math.abs(number));
  // Python switches to an exponent below 1e-4 and from 1e16 on, JavaScript elsewhere.
  if (exponent < -4 || exponent >= 16) {
    const fraction = digits.length > 1 ? `.${digits.slice(1)}` : '';
    return `${sign}${digits[0] ?? '0'}${fraction}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  return `${sign}${whole}.${digits.slice(exponent + 1) || '0'}`;
}

/** `f'{value:.4f}'`: the exact binary value rounded, halves to even. JavaScript's `toFixed` rounds halves up. */
export function fixed4(value: Real): string {
  const number = Number(value);
  if (!Number.isFinite(number)) return pythonRepr(number);
  const size = Math.abs(number);
  const sign = number < 0 || Object.is(number, -0) ? '-' : '';
  // From 1e21 on `toFixed` gives up digits; such a float is an integer.
  if (size >= 1e21) return `${sign}${BigInt(size).toString()}.0000`;
  // A half in the fifth decimal is exact in binary only as an odd multiple of 1/32.
  if (Number.isInteger(size * 32) && !Number.isInteger(size * 16)) {
    const below = Math.floor(size * 10_000);
    return `${sign}${((below % 2 === 0 ? below : below + 1) / 10_000).toFixed(4)}`;
  }
  return `${sign}${size.toFixed(4)}`;
}

/** `[1.0, 2.5]`. */
export function pythonList(values: readonly Real[]): string {
  return `[${values.map(pythonRepr).join(', ')}]`;
}

/** `(1, 48, 190, 190)`, with the comma that Python needs after a single element. */
export function pythonTuple(values: readonly number[]): string {
  return values.length === 1 ? `(${String(values[0])},)` : `(${values.join(', ')})`;
}

/** The shortest significant digits and the decimal exponent of the first of them. */
function shortestDigits(value: number): [digits: string, exponent: number] {
  const [mantissa = '0', exponent = '0'] = value.toExponential().split('e');
  return [mantissa.replace('.', ''), Number(exponent)];
}
