/** How a signal continues beyond its ends: PyWavelets' extension modes, as indices. */

export type ExtensionMode = 'reflect' | 'symmetric' | 'periodization' | 'zero';

/** Coefficients of a signal of `length` samples: floor((n + L - 1) / 2), or ceil(n / 2) for periodization. */
export function coefficientCount(length: number, filterLength: number, mode: ExtensionMode): number {
  return mode === 'periodization' ? Math.ceil(length / 2) : Math.floor((length + filterLength - 1) / 2);
}

/**
 * Where the L samples are that make one coefficient: `taps[o * L + j]` is the index of the sample that filter
 * tap j multiplies for coefficient o, or -1 for zero. Coefficient o is the sum over j of f[j] x[2o + 1 - j],
 * or of f[j] x[2o + L/2 - j] for periodization (PyWavelets, `downsampling_convolution`).
 */
export function sampleTaps(length: number, filterLength: number, mode: ExtensionMode): Int32Array {
  // As PyWavelets: one sample has nothing on its other side to mirror.
  if (mode === 'reflect' && length < 2)
    throw new RangeError('Mode reflect needs at least 2 samples a side, found 1.');
  const count = coefficientCount(length, filterLength, mode);
  const start = mode === 'periodization' ? Math.floor(filterLength / 2) : 1;
  const taps = new Int32Array(count * filterLength);
  for (let o = 0; o < count; o++) {
    for (let j = 0; j < filterLength; j++) {
      taps[o * filterLength + j] = extend(start + 2 * o - j, length, mode);
    }
  }
  return taps;
}

/** The sample at `index` of the endless signal; -1 for zero. Signals shorter than the reach fold again. */
function extend(index: number, length: number, mode: ExtensionMode): number {
  if (index >= 0 && index < length) return index;
  switch (mode) {
    case 'zero':
      return -1;
    case 'symmetric': {
      // x1 x0 | x0 x1 ... xn | xn xn-1
      const folded = modulo(index, 2 * length);
      return folded < length ? folded : 2 * length - 1 - folded;
    }
    case 'reflect': {
      // x2 x1 | x0 x1 ... xn | xn-1 xn-2
      const period = 2 * (length - 1);
      const folded = modulo(index, period);
      return folded < length ? folded : period - folded;
    }
    case 'periodization':
      // An odd signal first repeats its last sample to become even.
      return Math.min(modulo(index, length + (length % 2)), length - 1);
  }
}

function modulo(value: number, period: number): number {
  return ((value % period) + period) % period;
}
