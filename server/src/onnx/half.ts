/** 16-bit floats, IEEE 754 binary16 and bfloat16, as doubles. */
import { roundHalfEven } from '../round';

/** binary16: sign 1, exponent 5 (bias 15), fraction 10. */
export function halfToFloat(bits: number): number {
  const sign = (bits & 0x8000) === 0 ? 1 : -1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** The nearest binary16 number; ties go to the even one. */
export function roundToHalf(value: number): number {
  if (!Number.isFinite(value) || value === 0) return value;
  const exponent = Math.max(-14, Math.floor(Math.log2(Math.abs(value))));
  const step = 2 ** (exponent - 10);
  const rounded = roundHalfEven(Math.abs(value) / step) * step;
  return Math.sign(value) * (rounded > LARGEST_HALF ? Infinity : rounded);
}

const LARGEST_HALF = 65504;

/** bfloat16: the upper half of a binary32. */
export function bfloat16ToFloat(bits: number): number {
  scratch.setUint32(0, bits * 2 ** 16);
  return scratch.getFloat32(0);
}

const scratch = new DataView(new ArrayBuffer(4));
