/** The wavelet transform against PyWavelets: every wavelet, mode and band, on even, odd and very short sides. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { STEPS } from '../../../protocol/steps';
import type { FloatMap } from '../../../server/src/imaging/image';
import { Kernels } from '../../../server/src/imaging/kernels';
import { WaveletTransform } from '../../../server/src/wavelet/dwt2';
import type { WaveletName } from '../../../server/src/wavelet/filters';
import { filterBank } from '../../../server/src/wavelet/filters';
import type { ExtensionMode } from '../../../server/src/wavelet/modes';
import { coefficientCount } from '../../../server/src/wavelet/modes';
import { GoldenArrays, maxAbsoluteDifference, readGolden } from '../../support/golden';

interface Header {
  readonly wavelets: readonly WaveletName[];
  readonly modes: readonly ExtensionMode[];
  readonly shapes: readonly (readonly [height: number, width: number])[];
  readonly filters: readonly {
    readonly wavelet: WaveletName;
    readonly low: number[];
    readonly high: number[];
  }[];
}

const header = readGolden<Header>('wavelet/dwt2');
const golden = new GoldenArrays('wavelet/dwt2');

const kernels = new Kernels();
const transform = (wavelet: WaveletName, mode: ExtensionMode) => new WaveletTransform(kernels, wavelet, mode);

function input(height: number, width: number): FloatMap {
  return { width, height, data: Float32Array.from(golden.get(`input/${height}x${width}`).data) };
}

test('the golden covers every wavelet and mode on offer', () => {
  const { name, mode } = STEPS.wavelet.parameters;
  assert.deepEqual([...name.values].sort(), [...header.wavelets].sort());
  assert.deepEqual([...mode.values].sort(), [...header.modes].sort());
});

test("filters are PyWavelets' to the last digit", () => {
  for (const { wavelet, low, high } of header.filters) {
    const bank = filterBank(wavelet);
    assert.deepEqual([...bank.low], low, wavelet);
    assert.ok(maxAbsoluteDifference(bank.high, high) < 1e-15, wavelet);
  }
});

test('all four bands equal pywt.dwt2', () => {
  let compared = 0;
  for (const wavelet of header.wavelets) {
    for (const mode of header.modes) {
      for (const [height, width] of header.shapes) {
        const bands = transform(wavelet, mode).dwt2(input(height, width));
        const named = {
          cA: bands.approximation,
          cH: bands.horizontal,
          cV: bands.vertical,
          cD: bands.diagonal,
        };
        for (const [band, map] of Object.entries(named)) {
          const key = `${wavelet}/${mode}/${height}x${width}/${band}`;
          const expected = golden.get(key);
          assert.deepEqual([map.height, map.width], expected.shape, key);
          assert.ok(maxAbsoluteDifference(map.data, expected.data) < 1e-6, key);
          compared++;
        }
      }
    }
  }
  assert.equal(compared, 9 * 4 * 6 * 4);
});

test('the approximation alone is the same', () => {
  const map = input(16, 11);
  for (const mode of header.modes) {
    assert.deepEqual(
      transform('sym2', mode).approximation(map),
      transform('sym2', mode).dwt2(map).approximation,
    );
  }
});

test('sizes: floor((n + L - 1) / 2), and ceil(n / 2) for periodization', () => {
  assert.equal(coefficientCount(380, 4, 'reflect'), 191);
  assert.equal(coefficientCount(380, 4, 'periodization'), 190);
  assert.equal(coefficientCount(381, 4, 'periodization'), 191);
  assert.equal(coefficientCount(1, 8, 'zero'), 4);
});

test('a constant doubles: sym2 has a gain of 2 in two dimensions', () => {
  const flat = { width: 9, height: 6, data: new Float32Array(54).fill(0.75) };
  for (const mode of ['reflect', 'symmetric', 'periodization'] as const) {
    const bands = transform('sym2', mode).dwt2(flat);
    assert.ok(bands.approximation.data.every((v) => Math.abs(v - 1.5) < 1e-6));
    for (const band of [bands.horizontal, bands.vertical, bands.diagonal]) {
      assert.ok(band.data.every((v) => Math.abs(v) < 1e-6));
    }
  }
});

test('what cannot be transformed is refused', () => {
  const line = { width: 4, height: 1, data: new Float32Array(4) };
  assert.throws(() => transform('haar', 'reflect').dwt2(line), RangeError);
  assert.equal(transform('haar', 'symmetric').dwt2(line).approximation.height, 1);
  assert.throws(
    () => transform('haar', 'zero').dwt2({ width: 0, height: 0, data: new Float32Array(0) }),
    RangeError,
  );
});
