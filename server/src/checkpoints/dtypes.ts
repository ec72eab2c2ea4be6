/** Element types of stored tensors: their sizes, their names in each format, and their conversion to float32. */

/** Bytes of one element. */
export const dtypeBytes = {
  float64: 8,
  float32: 4,
  float16: 2,
  bfloat16: 2,
  int8: 1,
  uint8: 1,
  int16: 2,
  int32: 4,
  int64: 8,
  bool: 1,
} as const;

export type Dtype = keyof typeof dtypeBytes;

export const dtypeNames = Object.keys(dtypeBytes) as readonly Dtype[];

export function isDtype(name: string): name is Dtype {
  return Object.hasOwn(dtypeBytes, name);
}

/** Turns bytes of the other byte order into little-endian ones, in place. */
export function swapBytes(bytes: Buffer, bytesPerElement: number): void {
  if (bytesPerElement === 2) bytes.swap16();
  else if (bytesPerElement === 4) bytes.swap32();
  else if (bytesPerElement === 8) bytes.swap64();
}

/**
 * Little-endian elements as float32, rounded to nearest even as PyTorch's `.float()` does. `bytes` must start
 * at an offset of its buffer that the element size divides.
 */
export function toFloat32(dtype: Dtype, bytes: Uint8Array): Float32Array {
  const { buffer, byteOffset, byteLength } = bytes;
  switch (dtype) {
    case 'float32':
      return new Float32Array(buffer, byteOffset, byteLength / 4);
    case 'float64':
      return new Float32Array(new Float64Array(buffer, byteOffset, byteLength / 8));
    case 'float16':
      return halfToFloat(new Uint16Array(buffer, byteOffset, byteLength / 2));
    case 'bfloat16':
      return bfloatToFloat(new Uint16Array(buffer, byteOffset, byteLength / 2));
    case 'int8':
      return new Float32Array(new Int8Array(buffer, byteOffset, byteLength));
    case 'uint8':
      return new Float32Array(bytes);
    case 'int16':
      return new Float32Array(new Int16Array(buffer, byteOffset, byteLength / 2));
    case 'int32':
      return new Float32Array(new Int32Array(buffer, byteOffset, byteLength / 4));
    case 'int64':
      return longToFloat(new BigInt64Array(buffer, byteOffset, byteLength / 8));
    case 'bool':
      return Float32Array.from(bytes, (byte) => (byte === 0 ? 0 : 1));
  }
}

/** IEEE 754 binary16 to binary32; exact. */
function halfToFloat(halves: Uint16Array): Float32Array {
  const bits = new Uint32Array(halves.length);
  const floats = new Float32Array(bits.buffer);
  for (let i = 0; i < halves.length; i++) {
    const half = halves[i] ?? 0;
    const sign = (half & 0x8000) << 16;
    const exponent = (half >> 10) & 31;
    const fraction = half & 0x3ff;
    if (exponent === 0) {
      floats[i] = fraction * 2 ** -24; // zero or subnormal
      bits[i] = (bits[i] ?? 0) | sign;
    } else {
      bits[i] = sign | ((exponent === 31 ? 255 : exponent + 112) << 23) | (fraction << 13);
    }
  }
  return floats;
}

/** bfloat16 is the upper half of a float32; exact. */
function bfloatToFloat(halves: Uint16Array): Float32Array {
  const bits = new Uint32Array(halves.length);
  for (let i = 0; i < halves.length; i++) bits[i] = (halves[i] ?? 0) << 16;
  return new Float32Array(bits.buffer);
}

function longToFloat(longs: BigInt64Array): Float32Array {
  const floats = new Float32Array(longs.length);
  for (let i = 0; i < longs.length; i++) {
    const value = longs[i] ?? 0n;
    const near = Number(value);
    floats[i] = Number.isSafeInteger(near) ? near : Number(roundToOdd(value));
  }
  return floats;
}

/**
 * A double holds 53 bits, so int64 -> double -> float32 rounds twice. Dropping the low 11 bits into a sticky
 * last bit first makes the second rounding the only one (round to odd; Boldo and Melquiond, 2008).
 */
function roundToOdd(value: bigint): bigint {
  const kept = (value >> 11n) << 11n;
  return kept === value ? value : kept | (1n << 11n);
}
