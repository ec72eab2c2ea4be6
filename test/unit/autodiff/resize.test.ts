/**
 * Resize's gradient is the exact adjoint of what onnxruntime computes: <dy, R x> = <R^T dy, x> for whole numbers x and dy, over
 * seeded combinations of every coordinate transformation, nearest mode, interpolation, size and scale. Nearest pixels are exact,
 * since float32 adds whole numbers without rounding; LENS_TEST_SEED varies the combinations.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { appendGradients } from '../../../server/src/autodiff/driver';
import { factsOfModel } from '../../../server/src/autodiff/facts';
import {
  float,
  float32Tensor,
  GraphBuilder,
  int64Tensor,
  type AttributeInput,
} from '../../../server/src/onnx/builder';
import { elementCount } from '../../../server/src/onnx/model';
import { encodeModel } from '../../../server/src/onnx/write';
import { createSession } from '../../../server/src/runtime/onnxruntime';
import type { Tensor } from '../../../server/src/runtime/session';
import { generator, seedOf } from './random';

type Random = () => number;
const below = (random: Random, limit: number): number => Math.floor(random() * limit);
const pick = <T>(random: Random, items: readonly T[]): T => items[below(random, items.length)] as T;

interface Combination {
  readonly opset: number;
  readonly attributes: Readonly<Record<string, AttributeInput>>;
  readonly input: readonly number[];
  /** Of height and width. */
  readonly scales: readonly [number, number] | null;
  readonly sizes: readonly [number, number] | null;
  readonly region: readonly number[];
}

const COORDINATES = [
  'half_pixel',
  'half_pixel_symmetric',
  'pytorch_half_pixel',
  'align_corners',
  'asymmetric',
  'tf_crop_and_resize',
  'tf_half_pixel_for_nn',
];
/** The opsets at which a coordinate transformation exists. */
const OPSETS: Readonly<Record<string, readonly number[]>> = {
  half_pixel_symmetric: [19],
  tf_half_pixel_for_nn: [11],
};

/** Scales that fall on pixel borders, that almost do, that keep the size, and others. */
function scaleOf(random: Random, size: number): number {
  const forms = [
    () => (1 + below(random, 12)) / (1 + below(random, 12)),
    () => (1 + below(random, 30)) / size,
    () => 1 + (0.99 * random()) / size,
    () => 0.1 + 3 * random(),
    () => 1,
  ];
  const scale = Math.fround(pick(random, forms)());
  return Math.floor(Math.fround(size * scale)) >= 1 ? scale : 1;
}

function draw(random: Random): Combination {
  const coordinates = pick(random, COORDINATES);
  const mode = pick(random, ['nearest', 'nearest', 'linear', 'cubic']);
  const input = [1, 2, 1 + below(random, 14), 1 + below(random, 14)];
  const size = (): number => 1 + below(random, 30);
  const bySize = below(random, 3) === 0;
  const crops = coordinates === 'tf_crop_and_resize';
  const share = (): number => Math.fround(below(random, 12) / 10 - 0.1);
  return {
    opset: pick(random, OPSETS[coordinates] ?? [11, 13, 18, 19]),
    attributes: {
      mode,
      coordinate_transformation_mode: coordinates,
      nearest_mode: pick(random, ['round_prefer_floor', 'round_prefer_ceil', 'floor', 'ceil']),
      cubic_coeff_a: float(pick(random, [-0.75, -0.5])),
      exclude_outside: mode === 'cubic' ? below(random, 2) : 0,
    },
    input,
    scales: bySize ? null : [scaleOf(random, input[2]!), scaleOf(random, input[3]!)],
    sizes: bySize ? [size(), below(random, 4) === 0 ? input[3]! : size()] : null,
    region: crops ? [0, 0, share(), share(), 1, 1, share() + 0.5, share() + 0.5].map(Math.fround) : [],
  };
}

/** Whole numbers from -4 to 4. */
function wholeNumbers(random: Random, dims: readonly number[]): Tensor {
  const data = Float32Array.from({ length: elementCount(dims) }, () => below(random, 9) - 4);
  return { type: 'float32', dims, data };
}

const dot = (a: Tensor, b: Tensor): number =>
  Array.from(a.data, Number).reduce((sum, value, i) => sum + value * Number(b.data[i]), 0);

/** Both sides of the equation for combinations of one opset, which share a session. */
async function check(combinations: readonly Combination[], random: Random): Promise<void> {
  const builder = new GraphBuilder('resize');
  combinations.forEach(({ attributes, input, scales, sizes, region }, i) => {
    const x = builder.input(`x${i}`, 'float32', input);
    const roi = builder.constant('roi', float32Tensor([region.length], region));
    const inputs = [x, roi, builder.constant('scales', float32Tensor([0], []))];
    if (scales !== null) inputs[2] = builder.constant('scales', float32Tensor([4], [1, 1, ...scales]));
    if (sizes !== null) inputs.push(builder.constant('sizes', int64Tensor([1, 2, ...sizes])));
    builder.node('Resize', inputs, attributes, `y${i}`);
  });
  const opset = combinations[0]!.opset;
  const nodes = [...builder.graph().nodes];
  const facts = factsOfModel(builder.model({}, opset), {});
  const outputs = combinations.map((_, i) => `y${i}`);
  const dims = outputs.map((output) => facts.factsOf(output)!.dims);
  const seeds = new Map(
    outputs.map((output, i) => [output, builder.input(`d${output}`, 'float32', dims[i]!)]),
  );
  const gradients = appendGradients({
    builder,
    nodes,
    facts,
    seeds,
    wrt: combinations.map((_, i) => `x${i}`),
  });
  for (const output of outputs) builder.output(output, 'float32', null);
  const named = combinations.map((_, i) => builder.node('Identity', [gradients.get(`x${i}`)!], {}, `g${i}`));
  for (const name of named) builder.output(name, 'float32', null);

  const feeds: Record<string, Tensor> = {};
  combinations.forEach(({ input }, i) => {
    feeds[`x${i}`] = wholeNumbers(random, input);
    feeds[`dy${i}`] = wholeNumbers(random, dims[i]!);
  });
  const session = await createSession(encodeModel(builder.model({}, opset)), { provider: 'cpu', threads: 1 });
  const results = await session.run(feeds);
  await session.dispose();
  combinations.forEach((combination, i) => {
    const [x, dy, y, dx] = [feeds[`x${i}`]!, feeds[`dy${i}`]!, results[`y${i}`]!, results[`g${i}`]!];
    assert.deepEqual(y.dims, dims[i], JSON.stringify(combination));
    const [forward, backward] = [dot(dy, y), dot(dx, x)];
    const tolerance =
      combination.attributes['mode'] === 'nearest'
        ? 0
        : 1e-4 * Math.sqrt(Math.max(dot(x, x), dot(y, y)) * dot(dy, dy));
    assert.ok(
      Math.abs(forward - backward) <= tolerance,
      `<dy, y> = ${forward}, <dx, x> = ${backward}: ${JSON.stringify(combination)}`,
    );
  });
}

const COUNT = Number(process.env['LENS_RESIZE_COUNT'] ?? '600');
const TOGETHER = 20;

test(`${COUNT} seeded resizes have their exact adjoints as gradients`, async () => {
  const random = generator(seedOf('resize'));
  const waiting = new Map<number, Combination[]>();
  for (let n = 0; n < COUNT; n++) {
    const combination = draw(random);
    const group = waiting.get(combination.opset) ?? [];
    waiting.set(combination.opset, [...group, combination]);
    if (group.length + 1 < TOGETHER) continue;
    await check([...group, combination], random);
    waiting.delete(combination.opset);
  }
  for (const group of waiting.values()) await check(group, random);
});
