/** Grad-CAM of three layers a network, from the explain graph, against PyTorch's hooks and backward pass. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildNetwork, defaultHead, parametersOf } from '../../../server/src/architectures/build';
import { findArchitecture } from '../../../server/src/architectures/registry';
import { assembleExplainGraph } from '../../../server/src/explain/assemble';
import { decodeExplain } from '../../../server/src/explain/decode';
import { readGoldens } from './golden';
import { binned, goldenStateDict, imageFor, norm, relativeError, withSession } from './run-network';

for (const golden of readGoldens())
  test(`${golden.id}: the maps of ${golden.cams.map(({ layer }) => layer).join(', ')}`, async () => {
    const architecture = findArchitecture(golden.id)!;
    const head = defaultHead(architecture, golden.classes);
    const { shapes } = parametersOf(architecture, head);
    const { inputSize } = golden;
    const network = await buildNetwork(architecture, goldenStateDict(golden, shapes), { head, inputSize });
    const { model, inputs, outputs } = assembleExplainGraph({
      model: network.model,
      inputShape: network.input.shape,
      logits: network.logits,
      layers: network.layers.filter(({ name }) => golden.cams.some(({ layer }) => layer === name)),
      methods: ['gradcam'],
    });
    const results = await withSession(model, (session) =>
      session.run({
        [inputs.image]: imageFor(network),
        [inputs.target]: { type: 'int64', dims: [1], data: BigInt64Array.of(BigInt(golden.target)) },
      }),
    );
    const [sample] = decodeExplain(outputs, results);
    assert.ok(sample);
    for (const { layer, cells, norm: expected } of golden.cams) {
      const found = sample.layers.find(({ name }) => name === layer);
      assert.ok(found?.form.kind === 'map', layer);
      const cam = found.cam.get('gradcam')!.map((value) => Math.max(value, 0));
      const difference = relativeError(binned(cam, found.form.height, found.form.width), cells);
      assert.ok(difference < 1e-3, `${layer}: the map is off by ${difference} of its norm`);
      assert.ok(Math.abs(norm(cam) / expected - 1) < 1e-3, `${layer}: norm ${norm(cam)}, not ${expected}`);
    }
  });
