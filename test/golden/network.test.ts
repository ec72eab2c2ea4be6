/** The seeded EfficientNet-B5, every reported layer and both targets, against PyTorch's hooks and backward pass. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { seededClassifier } from '../../server/src/architectures/classifier';
import { findArchitecture } from '../../server/src/architectures/registry';
import { assembleExplainGraph, type ExplainGraph } from '../../server/src/explain/assemble';
import { decodeExplain, type LayerResult, type SampleResult } from '../../server/src/explain/decode';
import { decodeImage } from '../../server/src/imaging/decode';
import { Kernels } from '../../server/src/imaging/kernels';
import { encodeModel } from '../../server/src/onnx/write';
import { readyLens } from '../support/lens';
import { pixelsOf } from '../../server/src/pipeline/steps/preprocess';
import { runSteps } from '../../server/src/pipeline/steps/run-steps';
import { createSession } from '../../server/src/runtime/onnxruntime';
import type { Session, Tensor } from '../../server/src/runtime/session';
import { GoldenArrays, goldenPath, maxAbsoluteDifference, readGolden, relativeL2 } from '../support/golden';
import { CAM_METHODS, idsOf } from '../../protocol/vocabulary';

interface GoldenLayer {
  readonly name: string;
  readonly shape: readonly number[];
  readonly activation: Readonly<Record<'mean' | 'std' | 'min' | 'max' | 'zeros', number>>;
}

const LOGIT_TOLERANCE = 1e-4;
const MAP_TOLERANCE = 1e-3;

const golden = readGolden<{ readonly logits: readonly number[]; readonly layers: readonly GoldenLayer[] }>(
  'network/b5',
);
const arrays = new GoldenArrays('network/b5');
const lens = readyLens('fsbi');

/** The golden's input: its crop through the wavelet step, planes in the network's order. */
async function networkInput(): Promise<Tensor> {
  const { image } = await decodeImage(goldenPath('pipeline/crop.png'));
  const context = { input: { width: image.width, height: image.height }, kernels: new Kernels() };
  return runSteps(pixelsOf(image), lens.preprocess, context).tensor;
}

describe('seeded EfficientNet-B5', () => {
  let graph: ExplainGraph;
  let session: Session;
  const samples = new Map<number, SampleResult>();

  before(async () => {
    const architecture = findArchitecture('efficientnet_pytorch/b5');
    assert.ok(architecture);
    const { model, input, logits, layers } = await seededClassifier(architecture, { classes: 2, inputSize: 380 });
    graph = assembleExplainGraph({ model, inputShape: input.shape, logits, layers, methods: idsOf(CAM_METHODS) });
    session = await createSession(encodeModel(graph.model), { provider: 'cpu', threads: 2 });
    const image = await networkInput();
    for (const target of [0, 1]) {
      const asked: Tensor = { type: 'int64', dims: [1], data: BigInt64Array.of(BigInt(target)) };
      const results = await session.run({ [graph.inputs.image]: image, [graph.inputs.target]: asked });
      const [sample] = decodeExplain(graph.outputs, results);
      assert.ok(sample);
      samples.set(target, sample);
    }
  });

  after(() => session.dispose());

  const layersOf = (target: number): readonly LayerResult[] => samples.get(target)?.layers ?? [];

  const assertMap = (actual: ArrayLike<number>, key: string): void => {
    const distance = relativeL2(actual, arrays.get(key).data);
    assert.ok(distance <= MAP_TOLERANCE, `${key}: relative L2 distance ${distance}`);
  };

  test('logits', () => {
    for (const sample of samples.values())
      assert.ok(maxAbsoluteDifference(sample.logits, golden.logits) <= LOGIT_TOLERANCE, String(sample.logits));
  });

  test('the layers, in order, with their shapes', () => {
    const rows = (layers: readonly { name: string; shape: readonly number[] }[]): string[] =>
      layers.map(({ name, shape }) => `${name} ${shape.join('x')}`);
    assert.deepEqual(rows(layersOf(0)), rows(golden.layers));
  });

  test('statistics of every activation', () => {
    for (const [i, { name, activation }] of golden.layers.entries()) {
      const found = layersOf(0)[i]?.statistics;
      assert.ok(found?.finite);
      for (const key of ['mean', 'std', 'min', 'max', 'zeros'] as const) {
        const difference = Math.abs(found[key] - activation[key]);
        assert.ok(
          difference <= 1e-4 * Math.max(activation.std, Math.abs(activation[key])),
          `${name} ${key}: ${found[key]}, PyTorch ${activation[key]}`,
        );
      }
    }
  });

  for (const target of [0, 1]) {
    test(`maps and channel weights of every layer, target ${target}`, () => {
      for (const { name, form, mean, cam, weights } of layersOf(target)) {
        const map = cam.get('gradcam');
        assert.ok(map);
        if (form.kind === 'vector') {
          assertMap(map, `${name}/product/${target}`);
          continue;
        }
        assertMap(mean, `${name}/mean`);
        assertMap(map, `${name}/gradcam/${target}`);
        assertMap(weights, `${name}/weights/${target}`);
      }
    });
  }

  test('the other methods, where the golden has them', () => {
    const others = arrays.keys.filter((key) => idsOf(CAM_METHODS).some((method) => key.endsWith(`/${method}/1`)));
    assert.ok(others.length > 50);
    for (const key of others) {
      const [layer, method] = key.split('/');
      const result = layersOf(1).find(({ name }) => name === layer);
      const map = [...(result?.cam ?? [])].find(([name]) => name === method)?.[1];
      assert.ok(map, key);
      assertMap(map, key);
    }
  });
});
