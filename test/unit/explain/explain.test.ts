/** The explain graph against double-precision recomputation from full activations and gradients. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assembleExplainGraph, type ExplainGraph } from '../../../server/src/explain/assemble';
import { assembleForGpu } from '../../../server/src/explain/gpu';
import { decodeExplain, type LayerResult, type SampleResult } from '../../../server/src/explain/decode';
import { buildForwardGraph } from '../../../server/src/explain/forward';
import { buildLayerGraph } from '../../support/full-layer';
import type { CamMethod } from '../../../server/src/explain/methods';
import { PREDICTED } from '../../../server/src/explain/target';
import { LensError } from '../../../server/src/errors';
import { float32Tensor, GraphBuilder } from '../../../server/src/onnx/builder';
import { maxAbsoluteDifference, relativeL2 } from '../../support/golden';
import { generator } from '../autodiff/random';
import { CLASSES, floats, miniNetwork, randomImage, runOnce, target, type MiniNetwork } from './mini-network';
import { referenceCam, referenceMean, referenceStatistics } from './reference-cam';
import { CAM_METHODS, idsOf } from '../../../protocol/vocabulary';

const shape = [1, 3, 22, 27];
const networks = {
  'squeeze and excitation, swish': miniNetwork('squeeze-excite', shape),
  'max pooling, residual, relu': miniNetwork('relu', shape),
} as const;

/** Each kind of graph that there is, and the classes that it is compared for; the CPU runs all of them here. */
const kinds = [
  ['cpu', [0, 2]],
  ['cuda', [2]],
  ['webgpu', [0]],
] as const;
type Kind = (typeof kinds)[number][0];

async function explain(
  device: Kind,
  network: MiniNetwork,
  classes: readonly number[],
  image = randomImage(network.inputShape),
): Promise<{ graph: ExplainGraph; samples: readonly SampleResult[] }> {
  const request = { ...network, methods: idsOf(CAM_METHODS) };
  const graph = device === 'cpu' ? assembleExplainGraph(request) : assembleForGpu(request, device);
  const results = await runOnce(graph.model, {
    [graph.inputs.image]: image,
    [graph.inputs.target]: target(...classes),
  });
  return { graph, samples: decodeExplain(graph.outputs, results) };
}

/** Grad-CAM++ and XGrad-CAM divide by sums that can be near zero, which magnifies the last bits of float32. */
const toleranceOf = (method: CamMethod): number =>
  method === 'gradcam++' || method === 'xgradcam' ? 5e-3 : 1e-4;

/** Relative to the reference's norm, or to `floor` where that is nearly zero. */
function assertClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  what: string,
  { floor = 1e-6, tolerance = 1e-4 } = {},
): void {
  const norm = Math.hypot(...Array.from(expected));
  const distance = norm > floor ? relativeL2(actual, expected) : maxAbsoluteDifference(actual, expected);
  assert.ok(distance < tolerance, `${what}: relative L2 distance ${distance}`);
}

for (const [name, network, device, classes] of Object.entries(networks).flatMap(([name, network]) =>
  kinds.map((kind) => [name, network, ...kind] as const),
)) {
  describe(`${name}, for ${device}`, () => {
    for (const klass of classes) {
      test(`every layer, every method, class ${klass}`, async () => {
        const { samples } = await explain(device, network, [klass]);
        const [sample] = samples;
        assert.ok(sample);
        assert.equal(sample.target, klass);
        assert.deepEqual(
          sample.layers.map((layer) => layer.name),
          network.layers.map((layer) => layer.name),
        );
        for (const layer of sample.layers) await checkLayer(network, layer, klass);
      });
    }

    test('-1 differentiates the class with the largest logit', async () => {
      const { samples } = await explain(device, network, [PREDICTED]);
      const logits = Array.from(samples[0]!.logits);
      assert.equal(samples[0]!.target, logits.indexOf(Math.max(...logits)));
      const direct = await explain(device, network, [samples[0]!.target]);
      assert.deepEqual(samples, direct.samples);
    });

    test('samples of a batch are explained one by one, each for its own class', async () => {
      const batch = 2;
      const images = randomImage([batch, ...shape.slice(1)]);
      const together = await explain(
        device,
        { ...network, inputShape: images.dims, model: unbound(network) },
        [2, 0],
        images,
      );
      const size = images.data.length / batch;
      for (const [i, klass] of [2, 0].entries()) {
        const one = {
          type: 'float32' as const,
          dims: shape,
          data: floats(images).slice(i * size, (i + 1) * size),
        };
        const [alone] = (await explain(device, network, [klass], one)).samples;
        const sample = together.samples[i]!;
        assert.equal(sample.target, klass);
        assertClose(sample.logits, alone!.logits, 'logits');
        for (const [k, layer] of sample.layers.entries()) {
          for (const [method, map] of layer.cam)
            assertClose(map, alone!.layers[k]!.cam.get(method)!, `${layer.name} ${method}`, {
              floor: 1e-5,
              tolerance: toleranceOf(method),
            });
          assert.ok(Math.abs(layer.statistics.std - alone!.layers[k]!.statistics.std) < 1e-5);
        }
      }
    });

    if (device !== 'cpu') return;
    test('the gradient of the image is that of the whole network', async () => {
      const graph = buildLayerGraph(network, { name: 'image', tensor: 'image' });
      const image = randomImage(shape);
      const results = await runOnce(graph.model, {
        [graph.inputs.image]: image,
        [graph.inputs.target]: target(1),
      });
      assert.deepEqual(results[graph.outputs.activation]?.data, image.data);
      const gradient = floats(results[graph.outputs.gradient]);
      const random = generator(7);
      const direction = Float32Array.from(image.data as Float32Array, () => (random() < 0.5 ? -1 : 1));
      const logit = async (step: number): Promise<number> => {
        const moved = floats(image).map((x, i) => x + step * direction[i]!);
        const { logits } = await runOnce(network.model, { image: { ...image, data: moved } as typeof image });
        return floats(logits)[1]!;
      };
      // Small enough that hardly any ReLU changes sides, large enough that rounding stays below the tolerance.
      const h = 2 ** -12;
      const numeric =
        (8 * ((await logit(h)) - (await logit(-h))) - ((await logit(2 * h)) - (await logit(-2 * h)))) /
        (12 * h);
      const analytic = gradient.reduce((total, g, i) => total + g * direction[i]!, 0);
      assert.ok(
        Math.abs(numeric - analytic) < 5e-3 * Math.max(1, Math.abs(analytic)),
        `along a random direction: ${analytic}, central differences ${numeric}`,
      );
    });
  });
}

/** The same network with an open batch dimension. */
function unbound({ model }: MiniNetwork): MiniNetwork['model'] {
  const inputs = model.graph.inputs.map((input) => ({ ...input, dims: ['batch', ...input.dims!.slice(1)] }));
  const outputs = model.graph.outputs.map((output) => ({ ...output, dims: ['batch', CLASSES] }));
  return { ...model, graph: { ...model.graph, inputs, outputs } };
}

async function checkLayer(network: MiniNetwork, layer: LayerResult, klass: number): Promise<void> {
  const tensor = network.layers.find(({ name }) => name === layer.name)!.tensor;
  const full = buildLayerGraph(network, { name: layer.name, tensor }, []);
  const results = await runOnce(
    full.model,
    { [full.inputs.image]: randomImage(network.inputShape), [full.inputs.target]: target(klass) },
    'disabled',
  );
  assert.deepEqual(layer.shape, full.shape);
  const [, channels = 1, height = 1, width = 1] = full.shape;
  const plane = {
    channels,
    positions: height * width,
    activation: floats(results[full.outputs.activation]),
    gradient: floats(results[full.outputs.gradient]),
  };
  const vector = layer.form.kind === 'vector';
  assert.equal(vector, full.shape.length === 2);
  assert.deepEqual([...layer.cam.keys()], idsOf(CAM_METHODS));
  for (const [method, map] of layer.cam)
    assertClose(map, referenceCam(method, plane, vector), `${layer.name} ${method}`, {
      tolerance: toleranceOf(method),
    });
  assertClose(layer.mean, referenceMean(plane, vector), `${layer.name} mean`);
  const weights = Float64Array.from({ length: channels }, (_, k) => {
    const part = plane.gradient.subarray(k * plane.positions, (k + 1) * plane.positions);
    return part.reduce((a, b) => a + b, 0) / plane.positions;
  });
  assertClose(layer.weights, weights, `${layer.name} weights`);
  const expected = referenceStatistics(plane);
  assert.equal(layer.statistics.finite, true);
  assert.equal(layer.statistics.zeros, expected.zeros);
  for (const key of ['mean', 'std', 'min', 'max'] as const)
    assert.ok(
      Math.abs(layer.statistics[key] - expected[key]) < 1e-5 * Math.max(1, expected.std),
      `${layer.name} ${key}: ${layer.statistics[key]}, expected ${expected[key]}`,
    );
}

for (const [device] of kinds)
  describe(`statistics, for ${device}`, () => {
    /** Logits that sum the image's channels, so that the image itself is a layer. */
    function sums(channels: number, side: number): MiniNetwork {
      const builder = new GraphBuilder('sums');
      const inputShape = [1, channels, side, side];
      const pooled = builder.node('GlobalAveragePool', [
        builder.node('Identity', [builder.input('image', 'float32', inputShape)], {}, 'copy'),
      ]);
      const flat = builder.node('Flatten', [pooled]);
      const weight = builder.initializer(
        'w',
        float32Tensor([channels, 2], new Float32Array(2 * channels).fill(1)),
      );
      builder.node('MatMul', [flat, weight], {}, 'logits');
      builder.output('logits', 'float32', [1, 2]);
      return {
        model: builder.model(),
        inputShape,
        logits: 'logits',
        layers: [{ name: 'copy', tensor: 'copy' }],
      };
    }

    const run = async (data: Float32Array): Promise<LayerResult> => {
      const network = sums(2, Math.sqrt(data.length / 2));
      const image = { type: 'float32' as const, dims: network.inputShape, data };
      return (await explain(device, network, [0], image)).samples[0]!.layers[0]!;
    };

    test('a small spread around a large mean keeps its digits', async () => {
      const { statistics } = await run(
        Float32Array.from({ length: 5000 }, (_, i) => 1000 + (i % 2 ? 0.125 : -0.125)),
      );
      assert.equal(statistics.mean, 1000);
      assert.ok(Math.abs(statistics.std - 0.125) < 1e-6, String(statistics.std));
    });

    test('zeros are counted exactly, and -0 is one', async () => {
      const { statistics } = await run(Float32Array.from([0, 1, -0, 2, 0, 0, 1e-38, -1]));
      assert.equal(statistics.zeros, 0.5);
    });

    for (const [name, value] of [
      ['NaN', NaN],
      ['infinity', Infinity],
      ['-infinity', -Infinity],
    ] as const) {
      test(`${name} is noticed`, async () => {
        const data = new Float32Array(32).fill(1);
        data[13] = value;
        assert.equal((await run(data)).statistics.finite, false);
      });
    }
  });

describe('graphs on demand', () => {
  const network = networks['squeeze and excitation, swish'];

  test('buildForwardGraph outputs full activations and leaves out what they do not need', async () => {
    const model = buildForwardGraph(network.model, shape, ['norm', 'block_0']);
    const results = await runOnce(model, { image: randomImage(shape) });
    assert.deepEqual(Object.keys(results).sort(), ['block_0', 'norm']);
    assert.ok(model.graph.nodes.length < network.model.graph.nodes.length / 2);
    assert.ok(![...model.graph.initializers.keys()].some((name) => name.startsWith('fc.')));
  });
});

describe('errors', () => {
  const network = networks['max pooling, residual, relu'];
  const methods = idsOf(CAM_METHODS);
  const rejects = (request: Parameters<typeof assembleExplainGraph>[0], message: RegExp): void => {
    assert.throws(
      () => assembleExplainGraph(request),
      (thrown) => thrown instanceof LensError && thrown.kind === 'model' && message.test(thrown.message),
    );
  };

  test('logits that do not exist or are not (N, classes)', () => {
    rejects({ ...network, methods, logits: 'nothing' }, /"nothing".*no such tensor/);
    rejects({ ...network, methods, logits: 'block' }, /"block".*\[1, classes\].*float32 \[1, 16,/);
  });

  test('a layer that does not exist or has no map', () => {
    rejects({ ...network, methods, layers: [{ name: 'x', tensor: 'gone' }] }, /Layer "x".*no such tensor/);
    const weights = { name: 'w', tensor: 'fc.bias' };
    rejects({ ...network, methods, layers: [weights] }, /Layer "w".*\[N, C, H, W\].*float32 \[3\]/);
  });

  test('a layer that does not influence the logits', () => {
    const [node] = network.model.graph.nodes;
    const dead = { ...node!, name: 'dead', outputs: ['dead'] };
    const graph = { ...network.model.graph, nodes: [...network.model.graph.nodes, dead] };
    rejects(
      { ...network, methods, model: { ...network.model, graph }, layers: [{ name: 'dead', tensor: 'dead' }] },
      /"dead".*does not influence "logits"/,
    );
  });

  test('a model with two inputs', () => {
    const [input] = network.model.graph.inputs;
    const graph = { ...network.model.graph, inputs: [input!, { ...input!, name: 'mask' }] };
    rejects({ ...network, methods, model: { ...network.model, graph } }, /one input.*image, mask/);
  });

  test('an input shape that the model contradicts', () => {
    rejects({ ...network, methods, inputShape: [1, 4, 22, 27] }, /image.*\[1, 3, 22, 27\].*\[1, 4, 22, 27\]/);
  });
});
