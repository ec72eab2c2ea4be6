/** How the ends of networks are read, against onnxruntime in Python: which tensor is explained, its probabilities, its gradients. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { assembleExplainGraph } from '../../../server/src/explain/assemble';
import { decodeExplain } from '../../../server/src/explain/decode';
import type { Activation } from '../../../server/src/pipeline/network/activation';
import { boundOf } from '../../../server/src/pipeline/network/activation';
import { classify } from '../../../server/src/pipeline/network/classify';
import type { DecidedNetwork } from '../../../server/src/pipeline/network/decide-activation';
import { decideActivation } from '../../../server/src/pipeline/network/decide-activation';
import { openOnnxClassifier } from '../../../server/src/pipeline/network/onnx/open';
import { encodeModel } from '../../../server/src/onnx/write';
import { createSession } from '../../../server/src/runtime/onnxruntime';
import { projectRoot } from '../../../server/src/system/paths';
import { readGolden } from '../../support/golden';

interface Case {
  readonly name: string;
  readonly kind: Activation['kind'];
  readonly origin: Activation['origin'];
  readonly multiLabel: boolean;
  readonly oneLogit: boolean;
  readonly logits: readonly number[];
  readonly probabilities: readonly number[];
  /** By logit: its mean gradient to each channel of `conv`; null where it was not computed. */
  readonly channelWeights: readonly (readonly number[])[] | null;
}

const golden = readGolden<{
  readonly input: readonly number[];
  readonly inputShape: readonly number[];
  readonly cases: readonly Case[];
}>('onnx/head-activations');

const image = {
  type: 'float32',
  dims: golden.inputShape,
  data: Float32Array.from(golden.input),
} as const;

async function open(name: string): Promise<DecidedNetwork> {
  const path = join(projectRoot(), 'test', 'fixtures', 'onnx', 'heads', `${name}.onnx`);
  const network = await openOnnxClassifier(path, { inputSize: null });
  return decideActivation({ ...network, notes: [], checkpoint: null, folder: null, source: path }, 'auto');
}

/** One run for each class, the predicted one first. */
async function explain(network: DecidedNetwork) {
  const { model, input, logits, activation, layers } = network;
  const head = { logits, probabilities: activation.probabilities, bound: boundOf(activation, 0.5) };
  const graph = assembleExplainGraph({
    ...{ model, inputShape: input.shape, layers, methods: ['gradcam'] },
    ...head,
  });
  const session = await createSession(encodeModel(graph.model));
  try {
    const classes = Math.max(2, network.classes);
    const samples = [];
    for (let target = -1; target < classes; target++) {
      const feeds = { type: 'int64', dims: [1], data: BigInt64Array.of(BigInt(target)) } as const;
      const results = await session.run({ [graph.inputs.image]: image, [graph.inputs.target]: feeds });
      samples.push(...decodeExplain(graph.outputs, results));
    }
    return samples;
  } finally {
    await session.dispose();
  }
}

function assertClose(actual: ArrayLike<number>, expected: readonly number[], within: number, what: string) {
  assert.equal(actual.length, expected.length, what);
  expected.forEach((value, i) => {
    const difference = Math.abs((actual[i] ?? NaN) - value);
    assert.ok(difference <= within * (1 + Math.abs(value)), `${what} ${i}: ${actual[i]} instead of ${value}`);
  });
}

describe('the end of a network', () => {
  assert.ok(golden.cases.length >= 50);
  for (const wanted of golden.cases)
    test(wanted.name, async () => {
      const network = await open(wanted.name);
      const { activation } = network;
      assert.deepEqual(
        {
          kind: activation.kind,
          origin: activation.origin,
          multiLabel: activation.multiLabel,
          oneLogit: network.classes === 1,
        },
        {
          kind: wanted.kind,
          origin: wanted.origin,
          multiLabel: wanted.multiLabel,
          oneLogit: wanted.oneLogit,
        },
        activation.evidence,
      );
      const [predicted, ...classes] = await explain(network);
      assert.ok(predicted);
      const half = /half/.test(wanted.name) ? 500 : 1;
      assertClose(predicted.logits, wanted.logits, 2e-6 * half, 'logit');
      const found = classify(predicted, activation);
      assertClose(found.probabilities ?? [], wanted.probabilities, 2e-6 * half, 'probability');
      assert.equal(predicted.target, found.predicted, 'the class that the graph itself predicts');
      const { channelWeights } = wanted;
      if (channelWeights === null) return;
      const scale = Math.max(...channelWeights.flat().map(Math.abs));
      for (const [index, sample] of classes.entries()) {
        const ofClass = wanted.oneLogit
          ? channelWeights[0]?.map((value) => (index === 1 ? value : -value))
          : channelWeights[index];
        const weights = sample.layers.find(({ name }) => name === 'conv')?.weights ?? new Float32Array();
        assertClose(
          weights.map((value) => value / scale),
          ofClass?.map((value) => value / scale) ?? [],
          2e-5 * half,
          `gradient of class ${index}`,
        );
      }
    });
});
