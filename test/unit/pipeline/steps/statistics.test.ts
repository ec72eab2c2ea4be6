/** The recorder's numbers of a plane, which the kernels sum, against those that are summed value by value. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Kernels } from '../../../../server/src/imaging/kernels';
import { pooled, statisticsOf } from '../../../../server/src/pipeline/steps/statistics';
import { rangeOf } from '../../../../server/src/pipeline/steps/tensor';

const kernels = new Kernels();

const ofPlane = (plane: Float32Array) =>
  statisticsOf(
    { type: 'float32', width: plane.length, height: 1, channels: ['gray'], planes: [plane] },
    kernels,
  )[0];

for (const length of [1, 2, 3, 4, 5, 7, 1023])
  test(`${length} values far from 0, to 12 digits`, () => {
    const plane = Float32Array.from({ length }, (_, i) => 1000 + Math.sin(i) / 3);
    const found = ofPlane(plane);
    const wanted = rangeOf(plane);
    assert.deepEqual([found?.min, found?.max], [wanted.min, wanted.max]);
    assert.ok(Math.abs(Number(found?.mean) - Number(wanted.mean)) < 1e-9);
    assert.ok(Math.abs(Number(found?.std) - Number(wanted.std)) < 1e-9);
  });

test('what is not finite is spelled out, wherever it stands', () => {
  for (const strange of [NaN, Infinity, -Infinity])
    for (const at of [0, 4, 6]) {
      const plane = Float32Array.from({ length: 7 }, (_, i) => (i === at ? strange : i));
      assert.deepEqual(ofPlane(plane), { channel: 'gray', ...rangeOf(plane) });
    }
});

test('the numbers of all channels follow from those of each', () => {
  const planes = [2, 5, 9].map((seed) =>
    Float32Array.from({ length: 60 }, (_, i) => Math.sin(seed * i) * seed),
  );
  const value = {
    ...({ type: 'float32', width: 10, height: 6, planes } as const),
    channels: ['red', 'green', 'blue'] as const,
  };
  const found = pooled({ after: value, statistics: statisticsOf(value, kernels) });
  const wanted = rangeOf(Float32Array.from(planes.flatMap((plane) => [...plane])));
  for (const key of ['mean', 'std', 'min', 'max'] as const)
    assert.ok(Math.abs(Number(found?.[key]) - Number(wanted[key])) < 1e-9, key);
  planes[1]?.fill(NaN, 3, 4);
  assert.equal(
    pooled({
      after: value,
      statistics: statisticsOf({ ...value, planes: planes.map((plane) => plane.slice()) }, kernels),
    }),
    null,
  );
});
