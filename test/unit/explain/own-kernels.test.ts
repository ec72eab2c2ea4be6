/** Kernels that are brought into blocks by us: the numbers that the runtime gets from its own, whatever was moved and whether blocks are full. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { keepBlocked, kernelsApart } from '../../../server/src/explain/blocked';
import { float32Tensor, GraphBuilder } from '../../../server/src/onnx/builder';
import type { Model } from '../../../server/src/onnx/model';
import { elementCount } from '../../../server/src/onnx/model';
import { inferShapes } from '../../../server/src/onnx/shapes';
import { writeModel } from '../../../server/src/onnx/write';
import { channelBlock } from '../../../server/src/runtime/blocked-layout';
import { createSession } from '../../../server/src/runtime/onnxruntime';
import { optimizedModel, saveOptimized } from '../../../server/src/runtime/optimized';
import { relativeL2 } from '../../support/golden';
import { temporaryFolder } from '../../support/temp';
import { generator, seedOf } from '../autodiff/random';
import { floats, randomImage, runOnce } from './mini-network';

const cpu = { provider: 'cpu', threads: 1 } as const;
const folder = temporaryFolder('own-kernels');
const NONE = 'the runtime has no blocked layout on this CPU';
const SIZE = [7, 5] as const;

let block: number | null = null;
before(async () => {
  block = await channelBlock();
});

interface Case {
  readonly name: string;
  /** Of the image, and of the result. */
  readonly inputs: number;
  readonly outputs: number;
  readonly kernel: readonly [number, number];
  /** From (inputs, outputs, height, width), two more of height and width, to the weights. */
  readonly weights: (graph: GraphBuilder, source: string, of: Case) => string;
  readonly biased?: boolean;
}

const exchanged = (graph: GraphBuilder, source: string): string =>
  graph.node('Transpose', [source], { perm: [1, 0, 2, 3] });

const whole = (graph: GraphBuilder, source: string, { kernel: [h, w] }: Case): string =>
  graph.node('Slice', [source, ints(graph, [1, 0]), ints(graph, [1 + h, w]), ints(graph, [2, 3])]);

/** As the gradients of convolutions have it: taps as one axis, reversed, and two axes again. */
function flipped(graph: GraphBuilder, weights: string, { inputs, outputs, kernel: [h, w] }: Case): string {
  const flat = graph.node('Reshape', [weights, ints(graph, [outputs, inputs, h * w])]);
  const bounds = [[-1], [-1 - h * w], [2], [-1]].map((bound) => ints(graph, bound));
  return graph.node('Reshape', [
    graph.node('Slice', [flat, ...bounds]),
    ints(graph, [outputs, inputs, h, w]),
  ]);
}

const ints = (graph: GraphBuilder, values: readonly number[]): string =>
  graph.constant('ints', {
    type: 'int64',
    dims: [values.length],
    data: new Uint8Array(BigInt64Array.from(values, BigInt).buffer),
  });

/** @param size channels in a block */
const casesFor = (size: number): readonly Case[] => [
  {
    ...{ name: 'exchanged', inputs: size, outputs: 2 * size, kernel: [1, 1] },
    weights: (graph, source, of) => exchanged(graph, whole(graph, source, of)),
  },
  {
    ...{ name: 'flipped', inputs: 2 * size, outputs: size, kernel: [3, 2], biased: true },
    weights: (graph, source, of) => flipped(graph, exchanged(graph, whole(graph, source, of)), of),
  },
  {
    ...{ name: 'part of a block', inputs: size + 4, outputs: size + 4, kernel: [3, 3] },
    weights: (graph, source, of) => flipped(graph, exchanged(graph, whole(graph, source, of)), of),
  },
  {
    ...{ name: 'every second tap', inputs: size, outputs: size, kernel: [2, 2] },
    weights: (graph, source, of) => {
      const bounds = [
        [0, 1],
        [3, 4],
        [2, 3],
        [2, 2],
      ].map((bound) => ints(graph, bound));
      return flipped(graph, exchanged(graph, graph.node('Slice', [source, ...bounds])), of);
    },
  },
];

/** A convolution of each kind, of images of their own. */
function convolutions(cases: readonly Case[]): Model {
  const graph = new GraphBuilder('convolutions');
  for (const each of cases) {
    const { name, inputs, outputs, kernel, biased } = each;
    const image = graph.input(name, 'float32', [1, inputs, ...SIZE]);
    const source = random(graph, [inputs, outputs, kernel[0] + 2, kernel[1] + 2], name);
    const bias = biased === true ? [random(graph, [outputs], `${name}/bias`)] : [];
    const pads = kernel.flatMap(() => [1, 1]);
    const weights = each.weights(graph, source, each);
    const made = graph.node(
      'Conv',
      [image, weights, ...bias],
      { kernel_shape: [...kernel], pads },
      `${name}/y`,
    );
    const size = SIZE.map((length, axis) => length + 3 - (kernel[axis] ?? 1));
    graph.output(made, 'float32', [1, outputs, ...size]);
  }
  return graph.model();
}

function random(graph: GraphBuilder, dims: readonly number[], seed: string): string {
  const next = generator(seedOf(seed));
  return graph.constant(seed, float32Tensor(dims, Float32Array.from({ length: elementCount(dims) }, next)));
}

describe('kernels apart from the model that is optimized', () => {
  test('are the weights that the runtime computes', async (t) => {
    if (block === null) {
      t.skip(NONE);
      return;
    }
    const size = block;
    const cases = casesFor(size);
    const model = convolutions(cases);
    const shapes = inferShapes(model);
    const apart = kernelsApart(model, shapes, size);
    assert.equal(apart.late.length, cases.length);
    assert.equal(apart.model.graph.initializers.size, 1, 'the runtime sees the bias alone');
    const built = join(folder, 'built.onnx');
    const place = join(folder, 'optimized');
    mkdirSync(place);
    await writeModel(apart.model, built);
    await saveOptimized(built, place, { ...cpu, late: apart.late }, (made) =>
      keepBlocked(made, shapes, size),
    );
    const session = await createSession(optimizedModel(place).modelPath, {
      ...cpu,
      optimization: 'disabled',
    });
    assert.deepEqual(
      session.inputNames,
      cases.map(({ name }) => name),
    );
    const feeds = Object.fromEntries(
      cases.map(({ name, inputs }) => [name, randomImage([1, inputs, ...SIZE], name)] as const),
    );
    const [found, expected] = [await session.run(feeds), await runOnce(model, feeds, 'disabled')];
    await session.dispose();
    for (const { name } of cases) {
      const distance = relativeL2(floats(found[`${name}/y`]), floats(expected[`${name}/y`]));
      assert.ok(distance <= 1e-6, `${name} differs by ${distance}`);
    }
  });

  test('are only those whose elements are moved along their axes, and that fill a block', () => {
    const mixed: Case = {
      ...{ name: 'mixed', inputs: 8, outputs: 8, kernel: [3, 1] },
      weights: (graph, source, of) => {
        // Three rows of eight channels as eight of three: neither axis moves by the same steps everywhere.
        const turned = graph.node('Transpose', [whole(graph, source, of)], { perm: [0, 2, 1, 3] });
        return graph.node('Reshape', [turned, ints(graph, [8, 8, 3, 1])]);
      },
    };
    const few: Case = {
      ...{ name: 'few', inputs: 4, outputs: 8, kernel: [1, 1] },
      weights: (graph, source, of) => exchanged(graph, whole(graph, source, of)),
    };
    const model = convolutions([mixed, few]);
    const apart = kernelsApart(model, inferShapes(model), 8);
    assert.deepEqual([apart.late, apart.model.graph], [[], model.graph]);
  });
});
