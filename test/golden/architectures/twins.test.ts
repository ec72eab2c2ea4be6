/** Networks that share names and shapes: with the same weights each gives its own library's logits, layers and maps, and not the other's. */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { buildNetwork, defaultHead, parametersOf } from '../../../server/src/architectures/build';
import { findArchitecture } from '../../../server/src/architectures/registry';
import { canonical, findTwin, twins } from '../../../server/src/architectures/twins';
import { assembleExplainGraph } from '../../../server/src/explain/assemble';
import { decodeExplain } from '../../../server/src/explain/decode';
import type { Golden } from './golden';
import {
  binned,
  goldenStateDict,
  imageFor,
  largestError,
  norm,
  relativeError,
  runNetwork,
  statistics,
  withSession,
} from './run-network';

interface TwinGolden extends Golden {
  /** Of the known network, with the same weights. */
  readonly known: string;
  readonly knownLogits: readonly number[];
}

const folder = join(__dirname, 'twins');
const goldens = readdirSync(folder)
  .map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as TwinGolden)
  .sort((a, b) => a.known.localeCompare(b.known));

/** Weights of one known network at a time: its twins follow one another, and have the same. */
let weights: { readonly known: string; readonly tensors: Map<string, Float32Array> } | null = null;

function built(golden: TwinGolden, id: string) {
  const architecture = findArchitecture(id)!;
  const head = defaultHead(architecture, golden.classes);
  const { shapes } = parametersOf(architecture, head);
  const { inputSize, known } = golden;
  if (weights?.known !== known) weights = { known, tensors: new Map() };
  const { tensors } = weights;
  const stateDict = goldenStateDict(golden, shapes);
  const float32 = async (name: string): Promise<Float32Array> => {
    const values = tensors.get(name) ?? (await stateDict.float32(name));
    tensors.set(name, values);
    return values;
  };
  return buildNetwork(architecture, { ...stateDict, float32 }, { head, inputSize });
}

test('each habit of each family has a golden', () => {
  // ResNeXts, Wide ResNets and timm's ResNets, with attention too, go through the code of torchvision's.
  const habit = (id: string): string =>
    id
      .replace(/^timm\/(?:se)?resnex?t(blur|aa)\d[^+]*$/, 'timm/resnet$1')
      .replace(/^timm\/resnetv2[^+]*(?=\+)/, 'timm/v2')
      .replace(/^\w+\/(?:se|eca|wide_)?resnex?t[^+]*(?=\+)/, 'torchvision/resnet')
      .replace(/_(large|small)\+/, '+')
      .replace(/b\d/, 'b');
  const covered = new Set(goldens.map(({ id }) => habit(id)));
  const built = twins.filter(({ architecture }) => architecture !== null);
  // Both kinds of timm's EfficientNet go through the same code.
  const missing = [...new Set(built.map(({ id }) => habit(id)))].filter(
    (id) => !covered.has(id) && !covered.has(id.replace('tf_', '')),
  );
  assert.deepEqual(missing, ['timm/efficientnet_b+global_pool=avgmax'].filter((id) => !covered.has(id)));
});

const known = new Set<string>();

for (const golden of goldens)
  describe(golden.id, () => {
    const pair = `${golden.known} at ${golden.inputSize}`;
    if (!known.has(pair))
      test(`${golden.known} gives its own logits`, async () => {
        const { logits } = await runNetwork(await built(golden, golden.known));
        assert.ok(largestError(logits, golden.knownLogits) < 1e-4, `logits ${logits.join()}`);
      });
    known.add(pair);

    test('logits and layers are the library’s, and not those of the known network', async () => {
      const network = await built(golden, golden.id);
      assert.equal(network.id, canonical(golden.id));
      assert.deepEqual(
        network.layers.map(({ name, shape }) => [name, shape]),
        golden.layers.map(([name, shape]) => [name, shape]),
      );
      const { logits, layers } = await runNetwork(network);
      const apart = largestError(Float32Array.from(golden.knownLogits), golden.logits);
      assert.ok(largestError(logits, golden.logits) < 1e-4, `logits ${logits.join()}`);
      // An alias is the same network by another library's name.
      if (findTwin(golden.id) === undefined) assert.equal(apart, 0);
      else assert.ok(apart > 5e-4, `the golden cannot tell the two apart: ${apart}`);
      for (const [name, , mean, std] of golden.layers) {
        const found = statistics(layers.get(name)!);
        const scale = Math.max(std, 1e-3 * Math.abs(mean));
        assert.ok(Math.abs(found.mean - mean) < 2e-5 * scale, `${name}: mean ${found.mean}, not ${mean}`);
        assert.ok(Math.abs(found.std - std) < 2e-5 * scale, `${name}: std ${found.std}, not ${std}`);
      }
    });

    // What ResNet-50 shares with ResNet-18, and B4 with B0, has its maps compared there.
    if (/resnet(blur|aa)?50(?!\+stride_in)|b4/.test(golden.id)) return;
    test('maps are those of its backward pass', async () => {
      const network = await built(golden, golden.id);
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
      assert.ok(sample && golden.cams.length > 0);
      for (const { layer, cells, norm: expected } of golden.cams) {
        const found = sample.layers.find(({ name }) => name === layer);
        assert.ok(found?.form.kind === 'map', layer);
        const cam = found.cam.get('gradcam')!.map((value) => Math.max(value, 0));
        const difference = relativeError(binned(cam, found.form.height, found.form.width), cells);
        assert.ok(difference < 1e-3, `${layer}: the map is off by ${difference} of its norm`);
        assert.ok(Math.abs(norm(cam) / expected - 1) < 1e-3, `${layer}: norm ${norm(cam)}, not ${expected}`);
      }
    });
  });
