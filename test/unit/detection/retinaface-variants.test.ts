/** Which RetinaFace a file is, told from what its training would have left in the normalizations. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { retinaFaceParameters } from '../../../server/src/architectures/retinaface';
import { chooseVariant } from '../../../server/src/architectures/retinaface-variants';
import { fillUniform, fnv1a32 } from '../../../server/src/architectures/seeded';
import type { StateDict } from '../../../server/src/architectures/state-dict';
import { countPriors, priorAt } from '../../../server/src/detection/priors';

/** Standard normal samples, in pairs by Box and Muller's method. */
const samples = Array.from({ length: 2000 }, (_, i) => {
  const [u = 0, v = 0] = fillUniform(new Float32Array(2), fnv1a32(`sample ${i}`), 0.5).map((x) => x + 0.5);
  return Math.sqrt(-2 * Math.log(1 - u)) * Math.cos(2 * Math.PI * v);
});

/** A MobileNet whose stored means are those of N(bias, weight^2) behind a rectifier of this slope. */
function trainedMobileNet(slope: number): StateDict {
  const { shapes } = retinaFaceParameters('mobilenet0.25');
  const values = new Map<string, Float32Array>();
  for (const [name, shape] of shapes) {
    const uniform = fillUniform(new Float32Array(shape.reduce((a, b) => a * b, 1)), fnv1a32(name), 1);
    const normalization = shape.length === 1;
    values.set(name, normalization && name.endsWith('.weight') ? uniform.map((u) => 0.5 + 0.4 * u) : uniform);
  }
  for (const path of shapes.keys()) {
    const [, stage, index] = /^body\.stage(\d)\.(\d)\.3\.weight$/.exec(path) ?? [];
    if (stage === undefined || index === undefined) continue;
    const here = `body.stage${stage}.${index}`;
    const lastOfStage = { '2': 'body.stage1.5', '3': 'body.stage2.5' }[stage] ?? '';
    const previous = index === '0' ? lastOfStage : `body.stage${stage}.${Number(index) - 1}`;
    const before = previous === 'body.stage1.0' ? `${previous}.1` : `${previous}.4`;
    const kernels = values.get(`${here}.0.weight`)!;
    const means = values.get(`${here}.1.running_mean`)!;
    values.get(`${before}.bias`)!.forEach((beta, channel) => {
      const gamma = values.get(`${before}.weight`)![channel]!;
      const rectified = samples.map((z) => beta + gamma * z).map((x) => (x > 0 ? x : slope * x));
      const mean = rectified.reduce((a, b) => a + b) / samples.length;
      means[channel] = mean * kernels.subarray(channel * 9, channel * 9 + 9).reduce((a, b) => a + b);
    });
  }
  return fromValues(values, shapes);
}

function fromValues(
  values: ReadonlyMap<string, Float32Array>,
  shapes: ReadonlyMap<string, readonly number[]>,
): StateDict {
  return {
    has: (name) => shapes.has(name),
    shape: (name) => shapes.get(name)!,
    names: () => shapes.keys(),
    float32: (name) => Promise.resolve(values.get(name)!),
  };
}

for (const [slope, expected] of [
  [0, 'mobilenet-1mb'],
  [0.1, 'mobilenet'],
] as const) {
  test(`MobileNet trained with slope ${slope} is ${expected}`, async () => {
    const { variant, notes } = await chooseVariant(trainedMobileNet(slope), 'mobilenet0.25');
    assert.equal(variant.id, expected);
    assert.equal(variant.slope, slope);
    assert.deepEqual(notes, []);
  });
}

/** For white noise of this standard deviation, a convolution's variance is the kernel's sum of squares times its square. */
for (const [deviation, expected] of [
  [1, 'ternaus'],
  [57, 'pytorch-retinaface'],
] as const) {
  test(`ResNet-50 trained on inputs of standard deviation ${deviation} is ${expected}`, async () => {
    const { shapes } = retinaFaceParameters('resnet50');
    const kernels = fillUniform(new Float32Array(64 * 147), fnv1a32('kernels'), 0.05);
    const variances = Float32Array.from({ length: 64 }, (_, channel) => {
      const squares = kernels.subarray(channel * 147, channel * 147 + 147).map((w) => w * w);
      return squares.reduce((a, b) => a + b) * deviation ** 2 * (1 + channel / 16);
    });
    const values = new Map([
      ['body.conv1.weight', kernels],
      ['body.bn1.running_var', variances],
    ]);
    assert.equal((await chooseVariant(fromValues(values, shapes), 'resnet50')).variant.id, expected);
  });
}

test('priors: ceil(side / stride) cells a level, finest first, row by row, the smaller anchor first', () => {
  const sizes = [
    [16, 32],
    [64, 128],
    [256, 512],
  ] as const;
  const all = Array.from({ length: countPriors(17, 9) }, (_, row) => priorAt(row, 17, 9, sizes));
  assert.equal(all.length, 2 * (3 * 2 + 2 * 1 + 1 * 1));
  assert.throws(() => priorAt(countPriors(17, 9), 17, 9, sizes), RangeError);
  assert.deepEqual(all.slice(0, 3), [
    { x: 4, y: 4, side: 16 },
    { x: 4, y: 4, side: 32 },
    { x: 12, y: 4, side: 16 },
  ]);
  assert.deepEqual(all[6], { x: 4, y: 12, side: 16 });
  assert.deepEqual(all[12], { x: 8, y: 8, side: 64 });
  assert.deepEqual(all.at(-1), { x: 16, y: 16, side: 512 });
});
